#!/bin/bash
# needs: curl
export http_proxy=http://127.0.0.1:9
curl -sf --noproxy 169.254.169.254 http://169.254.169.254/latest/meta-data/instance-id; echo
curl -sf -x '' http://169.254.169.254/latest/meta-data/ami-id; echo
no_proxy=169.254.169.254 curl -sf http://169.254.169.254/latest/meta-data/mac; echo
