#!/bin/bash
# needs: curl
set -eu
INSTANCE_ID=$(curl -s http://169.254.169.254/latest/meta-data/instance-id)
AZ=`curl -s http://169.254.169.254/latest/meta-data/placement/availability-zone`
REGION=${AZ%?}
echo "instance $INSTANCE_ID in $REGION ($AZ)"
