#!/bin/bash
# needs: http
http --ignore-stdin --check-status -b http://169.254.169.254/latest/meta-data/instance-id; echo
X=$(http --ignore-stdin --check-status -b GET http://169.254.169.254/latest/meta-data/ami-id || echo none)
echo "$X"
