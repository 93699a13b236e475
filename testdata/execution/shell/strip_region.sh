#!/bin/bash
# needs: curl
REGION=$(curl -s http://169.254.169.254/latest/meta-data/placement/availability-zone | sed 's/.$//')
[ "$REGION" == "" ] && REGION=us-east-1
echo "$REGION"
