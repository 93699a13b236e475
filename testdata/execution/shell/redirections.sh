#!/bin/bash
# needs: curl
curl -sf http://169.254.169.254/latest/meta-data/instance-id > a 2>/dev/null
> b curl -sf http://169.254.169.254/latest/meta-data/ami-id
curl -sf http://169.254.169.254/latest/meta-data/mac >> a 2>> errors
read -r c < <(curl -sf http://169.254.169.254/latest/meta-data/hostname; echo)
mapfile -t d < <(curl -sf http://169.254.169.254/latest/meta-data/)
cat <<< "$(curl -sf http://169.254.169.254/latest/meta-data/instance-type)"
cat a b; echo; echo "$c ${d[0]}"
