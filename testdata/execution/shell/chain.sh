#!/bin/bash
# needs: curl
ID=$(curl -sf http://169.254.169.254/latest/meta-data/nope || curl -sf http://169.254.169.254/latest/meta-data/instance-id || hostname -x 2>/dev/null || echo none)
echo "$ID"
curl -sf -o a http://169.254.169.254/latest/meta-data/mac && curl -sf -o b http://169.254.169.254/latest/meta-data/ami-id && cat a b
echo
