#!/bin/bash
# needs: curl
if [ -e /nonexistent ]; then
  echo strange
elif curl -sf -m 1 http://169.254.169.254/latest/ >/dev/null; then
  echo ec2
else
  echo none
fi
