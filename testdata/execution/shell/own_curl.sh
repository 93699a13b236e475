#!/bin/bash
# needs: curl
# The script's own function has the tool's name.
curl() { command curl -sf --max-time 3 "$@"; }
curl http://169.254.169.254/latest/meta-data/instance-id; echo
X=$(curl http://169.254.169.254/latest/meta-data/ami-id || echo none); echo "$X"
