#!/bin/bash
# needs: curl
BASE=http://169.254.169.254/latest/meta-data
for k in instance-id ami-id; do
    echo "$k: $(curl -sf $BASE/$k)"
done
n=0
until curl -sf $BASE/mac; do n=$((n + 1)); [ $n -ge 2 ] && break; done
echo " $n"
n=0
while ! curl -sf $BASE/hostname -o name; do n=$((n + 1)); [ $n -ge 2 ] && break; sleep 0.1; done
cat name 2>/dev/null; echo " $n"
printf 'instance-type\nlocal-ipv4\n' | while read -r k; do echo "$k $(curl -sf "$BASE/$k")"; done
for i in 1 2; do
    CODE=$(curl -s -o /dev/null -w '%{http_code}' -f $BASE/spot/instance-action) || CODE=none
    [ "$CODE" = 200 ] && break
    sleep 0.1
done
for ((i = 0; i < 2; i++)); do
    curl -sf $BASE/instance-id; echo " $i"
done
