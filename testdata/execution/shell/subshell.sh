#!/bin/bash
# needs: curl
(
  set -e
  region=$(curl -sf http://169.254.169.254/latest/meta-data/placement/region)
  echo "region=$region"
) || echo failed
