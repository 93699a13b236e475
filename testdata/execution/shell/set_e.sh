#!/bin/bash
# needs: curl
set -e
ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)
echo "$ID"
