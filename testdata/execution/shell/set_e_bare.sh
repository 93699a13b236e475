#!/bin/bash
# needs: curl
set -eu
echo before
curl -sf http://169.254.169.254/latest/meta-data/instance-id
echo " after"
