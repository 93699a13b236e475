#!/bin/bash
# needs: curl
set -u
readonly HOST=169.254.169.254
BASE="http://${HOST}/latest"
export META="$BASE/meta-data"
ENDPOINT=${ENDPOINT:-http://169.254.169.254}
: "${DYNAMIC:=http://169.254.169.254/latest/dynamic}"
key=instance-id
echo "a $(curl -sf "$META/$key")"
echo "b $(curl -sf ${META}/ami-id)"
echo "c $(curl -sf "$ENDPOINT/latest/meta-data/mac")"
echo "d $(curl -sf "$DYNAMIC/instance-identity/document" | grep -c region)"
declare url="${META%/meta-data}/meta-data/instance-type"
echo "e $(curl -sf "$url")"
