#!/bin/bash
# needs: curl
url="http://169.254.169.254/latest/meta-data/"
for k in instance-id mac; do
  v="$(curl -sf ${url}${k})" && printf '%s=%s\n' "$k" "$v"
done
declare -r T="$(curl -sf "${url}instance-type")"
echo $T
