#!/bin/bash
# needs: curl
OUT=$(curl -sf http://169.254.169.254/latest/meta-data/mac 2>&1)
echo "[$OUT]"
curl -sf http://169.254.169.254/latest/meta-data/ami-id > f 2>&1 || echo "failed" ; cat f | wc -c
