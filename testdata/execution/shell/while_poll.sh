#!/bin/bash
# needs: curl
n=0
while ! curl -sf -o /dev/null http://169.254.169.254/latest/meta-data/instance-id; do
  n=$((n+1))
  [ $n -ge 3 ] && { echo gave up; exit 1; }
done
echo up
