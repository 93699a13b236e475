#!/bin/bash
# needs: curl
set -o pipefail
REGION=$(curl -sf http://169.254.169.254/latest/dynamic/instance-identity/document | grep region | cut -d'"' -f4)
echo "region $REGION $?"
curl -sf http://169.254.169.254/latest/dynamic/instance-identity/document | sed -n 's/.*"instanceType" : "\(.*\)".*/\1/p' | wc -l
curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone 2>/dev/null \
    | sed 's/.$//' \
    | tr a-z A-Z
echo
echo x | cat - <(curl -sf http://169.254.169.254/latest/meta-data/mac) | wc -l
