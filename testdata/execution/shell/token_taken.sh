#!/bin/bash
# needs: curl
TOKEN=abc
IMDS_TOKEN=mine
id=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)
echo "$TOKEN $IMDS_TOKEN $id"
