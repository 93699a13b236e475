#!/bin/bash
# needs: curl
BASE=http://169.254.169.254/latest/meta-data/network/interfaces/macs/
while IFS= read -r mac; do
  echo "mac $mac $(curl -sf "$BASE${mac}device-number")"
done < <(curl -sf $BASE; echo)
for mac in $(curl -sf $BASE); do echo "again $mac"; done
MACS=$(curl -sf $BASE)
for mac in $MACS; do
  N=$(curl -sf $BASE$mac/device-number) && echo "device $N"
done
