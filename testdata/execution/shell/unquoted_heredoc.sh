#!/bin/bash
# needs: curl
cat <<EOF2
instance: $(curl -s http://169.254.169.254/latest/meta-data/instance-id)
zone: `curl -s http://169.254.169.254/latest/meta-data/placement/availability-zone`
EOF2
