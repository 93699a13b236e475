#!/bin/bash
# needs: curl
curl -sf -m 2 -o /dev/null http://169.254.169.254/latest/meta-data/
if [ $? -eq 0 ]; then echo aws; else echo other; fi
