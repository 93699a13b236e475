#!/bin/bash
# needs: curl
export no_proxy=169.254.169.254
export http_proxy=http://127.0.0.1:9
echo "$(curl -sf --noproxy '*' http://169.254.169.254/latest/meta-data/instance-id)"
http_proxy= curl -sf http://169.254.169.254/latest/meta-data/mac; echo
