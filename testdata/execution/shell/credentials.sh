#!/bin/bash
# needs: curl
BASE=http://169.254.169.254/latest/meta-data/iam/security-credentials
ROLE=$(curl -sf $BASE/)
if [ -n "$ROLE" ]; then
    CREDS=$(curl -sf $BASE/$ROLE)
    echo "$CREDS" | grep -c AccessKeyId
else
    echo "no role"
fi
