#!/bin/bash
# needs: curl
if ! curl -sf -m 2 http://169.254.169.254/latest/meta-data/instance-id > id; then
  echo "not ec2" >&2
  exit 3
fi
cat id
