#!/bin/bash
# needs: curl
for i in 1 2 3; do
    curl -sf -o /dev/null http://169.254.169.254/latest/meta-data/mac && ok=1 && break
done
echo "ok=${ok:-0} i=$i"
for try in $(seq 2); do v=$(curl -sf http://169.254.169.254/latest/meta-data/mac) && break; done; echo "v=$v"
