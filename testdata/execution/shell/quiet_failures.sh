#!/bin/bash
# needs: curl
ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id 2>/dev/null)
[ -z "$ID" ] && ID=$(hostname >/dev/null; echo local)
echo "$ID"
curl -sf http://169.254.169.254/latest/meta-data/ami-id 2>/dev/null > ami || rm -f ami
ls ami 2>/dev/null || echo "no ami"
AZ=$(curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone | sed 's/[a-z]$//' || echo never)
echo "${AZ:-nowhere}"
