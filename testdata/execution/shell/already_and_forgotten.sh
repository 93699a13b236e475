#!/bin/bash
# needs: curl
TOKEN=$(curl -s -X PUT "http://169.254.169.254/latest/api/token" -H "X-aws-ec2-metadata-token-ttl-seconds: 60")
id=$(curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/instance-id)
mac=$(curl -sf http://169.254.169.254/latest/meta-data/mac)
echo "$id $mac"
