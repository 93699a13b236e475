#!/bin/bash
# needs: curl
# Shell text on its way to another shell.
U=http://169.254.169.254/latest/meta-data
bash <<< 'curl -sf http://169.254.169.254/latest/meta-data/ami-id || echo none; echo'
script="curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo none; echo \" it's\""
echo "$script" | bash
bash -euo pipefail -c "curl -sf $U/placement/availability-zone | tr a-z A-Z; echo end" || echo failed
mkdir -p d && touch d/ami-id d/hostname
find d -name 'ami-*' -exec sh -c 'curl -sf "http://169.254.169.254/latest/meta-data/$(basename "$1")" || echo none; echo' sh {} \;
touch lock
flock lock -c 'curl -sf http://169.254.169.254/latest/meta-data/instance-type || echo none; echo'
(echo "echo begin"; echo 'curl -sf http://169.254.169.254/latest/meta-data/local-ipv4 || echo unknown') | sh
sh -c "bash -c \"sh -c 'curl -sf \\\"http://169.254.169.254/latest/meta-data/ami-id\\\" || echo \\\"it is none\\\"'\""
