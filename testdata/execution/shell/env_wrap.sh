#!/bin/bash
# needs: curl
env LANG=C curl -sf http://169.254.169.254/latest/meta-data/instance-id; echo
nohup curl -sf http://169.254.169.254/latest/meta-data/mac 2>/dev/null; echo
timeout 3 curl -sf http://169.254.169.254/latest/meta-data/ami-id || echo none
echo
