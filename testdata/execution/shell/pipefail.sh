#!/bin/bash
# needs: curl
set -eo pipefail
z=$(curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone | sed 's/[a-z]$//')
echo "$z"
