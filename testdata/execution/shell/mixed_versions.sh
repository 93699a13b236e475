#!/bin/bash
# needs: curl
# One call knows tokens, the other does not.
TOKEN=$(curl -sf -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)
if [ -n "$TOKEN" ]; then curl -sf -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/instance-id; fi
echo
get() { curl -sf "http://169.254.169.254/latest/meta-data/$1"; }
get ami-id; echo
