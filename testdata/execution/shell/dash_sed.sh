#!/bin/sh
# needs: curl
# interpreter: dash
set -eu
AZ="$(curl -fsS http://169.254.169.254/latest/meta-data/placement/availability-zone 2>/dev/null || true)"
if [ -z "$AZ" ]; then echo "no az"; else echo "${AZ%?}"; fi
