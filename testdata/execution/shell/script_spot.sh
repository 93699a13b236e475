#!/bin/bash
# needs: curl
set -u
METADATA_URL=http://169.254.169.254/latest/meta-data
NODE=$(curl -sf $METADATA_URL/local-hostname || echo "unknown-node")
echo "watching $NODE"
i=0
while sleep 0.1; do
  i=$((i + 1))
  http_status=$(curl -o /dev/null -w '%{http_code}' -sL ${METADATA_URL}/spot/termination-time)
  if [[ "${http_status}" -eq 200 ]]; then
    echo "terminating"; break
  elif [[ "${http_status}" -ne 404 ]]; then
    echo "unexpected"
  fi
  [ $i -ge 2 ] && break
done
echo done
