#!/bin/bash
# needs: wget
export http_proxy=http://127.0.0.1:9
wget --no-proxy -qO- http://169.254.169.254/latest/meta-data/instance-id; echo
wget -e use_proxy=no -qO- http://169.254.169.254/latest/meta-data/ami-id; echo
