#!/bin/bash
# needs: curl
ENDPOINT="${IMDS_ENDPOINT:-http://169.254.169.254}"
echo "$(curl -sf "$ENDPOINT/latest/meta-data/public-ipv4")"
