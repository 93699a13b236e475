#!/bin/bash
# needs: wget
wget -q -T 2 -t 1 -O mac.txt http://169.254.169.254/latest/meta-data/mac || exit 5
cat mac.txt; echo
wget -nv http://169.254.169.254/latest/meta-data/ami-id 2>/dev/null
cat ami-id 2>/dev/null; echo
REGION=$(wget -q -O - http://169.254.169.254/latest/meta-data/placement/availability-zone | head -c 9)
echo "$REGION"
