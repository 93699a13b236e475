#!/bin/bash
# needs: curl
echo "role: $(curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/$(curl -s http://169.254.169.254/latest/meta-data/iam/security-credentials/) | grep AccessKeyId | cut -d'"' -f4)"
