#!/bin/bash
# needs: curl
set -o pipefail
z=$(curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone | sed 's/[a-z]$//') || z=unknown
echo "$z"
curl -sf http://169.254.169.254/latest/meta-data/mac | cat || echo nomac
echo
