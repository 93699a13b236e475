#!/bin/bash
# needs: curl
# What the commands say on standard error is read as well.
X=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id 2>&1); echo "1 $X"
X=$(bash -c 'curl -sf http://169.254.169.254/latest/meta-data/ami-id; echo' 2>&1); echo "2 $X"
{ curl -sf http://169.254.169.254/latest/meta-data/mac; echo; } > all.txt 2>&1; cat all.txt
bash > log.txt 2>&1 <<'SCRIPT'
curl -sf http://169.254.169.254/latest/meta-data/hostname
echo
SCRIPT
cat log.txt
