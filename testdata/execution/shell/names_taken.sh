#!/bin/bash
# needs: curl
TOKEN=mine
IMDS_TOKEN=ours
curl -sf http://169.254.169.254/latest/meta-data/instance-id
echo " $TOKEN $IMDS_TOKEN"
