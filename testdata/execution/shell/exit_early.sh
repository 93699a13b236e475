#!/bin/bash
# needs: curl
curl -sf http://169.254.169.254/latest/meta-data/instance-id || exit 3
echo " still here"
ID=$(curl -sf http://169.254.169.254/latest/meta-data/ami-id) || { echo "no ami"; exit 4; }
echo "$ID"
