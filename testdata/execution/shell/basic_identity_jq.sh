#!/bin/bash
# needs: curl jq
region=$(curl --silent --fail http://169.254.169.254/latest/dynamic/instance-identity/document | jq -r .region)
echo "region: ${region:-none}"
