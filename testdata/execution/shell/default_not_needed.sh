#!/bin/bash
# needs: curl
REGION=eu-west-1
R=${REGION:-$(curl -sf http://169.254.169.254/latest/meta-data/placement/region)}
echo "$R $(curl -sf http://169.254.169.254/latest/meta-data/mac)"
