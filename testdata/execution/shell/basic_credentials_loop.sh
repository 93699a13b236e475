#!/bin/bash
# needs: curl jq
set -euo pipefail
BASE="http://169.254.169.254/latest/meta-data/iam/security-credentials"
for role in $(curl -sf "$BASE/"); do
    curl -sf "$BASE/$role" | jq -r '"\(.Type) \(.AccessKeyId)"'
done
