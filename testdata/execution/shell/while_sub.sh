#!/bin/bash
# needs: curl
n=0
while [ "$(curl -s http://169.254.169.254/latest/meta-data/instance-id)" != "i-x" ] && [ $n -lt 2 ]; do n=$((n+1)); done
echo $n
while [[ -z "$id" && $n -lt 4 ]]; do id=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id); n=$((n+1)); done
echo "$id"
