#!/bin/bash
# needs: curl
curl -sf http://169.254.169.254/latest/meta-data/hostname > host.txt &
curl -sf http://169.254.169.254/latest/meta-data/local-ipv4 > ip.txt &
wait
echo "$(cat host.txt) $(cat ip.txt)"
