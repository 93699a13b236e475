#!/bin/bash
# needs: http
http --ignore-stdin --check-status --body GET http://169.254.169.254/latest/meta-data/instance-id || echo none
id=$(http --ignore-stdin --check-status -b http://169.254.169.254/latest/meta-data/mac) || id=none
echo "$id"
