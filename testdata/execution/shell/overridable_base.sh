#!/bin/bash
# needs: curl
# The environment says where the service is; the token must come from there.
export IMDS_ENDPOINT=http://169.254.169.254
cat > lookup.sh <<'SCRIPT'
ROOT="${IMDS_ENDPOINT:-http://192.0.2.1}"
BASE=${META_BASE:-http://169.254.169.254/latest/meta-data}
echo "$(curl -sf -m 2 $BASE/instance-id)"
SCRIPT
bash lookup.sh
