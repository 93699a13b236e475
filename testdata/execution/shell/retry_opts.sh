#!/bin/bash
# needs: curl
curl --retry 1 --retry-delay 1 --max-time 2 -fsSL http://169.254.169.254/latest/meta-data/instance-id 2>/dev/null; echo "/$?" | tr -d '0-9'
curl -fsSL -m2 -oid http://169.254.169.254/latest/meta-data/instance-id -HX-Y:1 && cat id || echo no
