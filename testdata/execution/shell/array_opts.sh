#!/bin/bash
# needs: curl
opts=(-s -f --max-time 3)
url=http://169.254.169.254/latest/meta-data
curl "${opts[@]}" "$url/instance-type"
echo
