#!/bin/bash
# needs: curl
: "${INSTANCE_ID:=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)}"
REGION=${REGION:-$(curl -sf http://169.254.169.254/latest/meta-data/placement/region)}
echo "$INSTANCE_ID $REGION ${ZONE:-$(curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone || echo z)}"
