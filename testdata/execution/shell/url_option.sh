#!/bin/bash
# needs: curl
curl --silent --fail --output id.txt --url http://169.254.169.254/latest/meta-data/instance-id
cat id.txt; echo
