#!/bin/bash -e
# needs: curl
ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id) || true
echo "id $ID"
if curl -sf http://169.254.169.254/latest/meta-data/ami-id; then echo " ami"; fi
X=$(curl -sf http://169.254.169.254/latest/meta-data/mac | tr a-z A-Z)
echo "$X"
curl -sf http://169.254.169.254/latest/meta-data/hostname
echo " unreached without an answer"
