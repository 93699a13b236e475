#!/bin/bash
# needs: curl
CURL="curl -sf -m 2"
ID=$($CURL http://169.254.169.254/latest/meta-data/instance-id)
echo "$ID"
