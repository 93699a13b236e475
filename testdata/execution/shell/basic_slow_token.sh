#!/bin/bash
# needs: curl
# timeout: yes
id=$(curl -sf -m 2 http://169.254.169.254/latest/meta-data/instance-id) || { echo "no metadata"; exit 4; }
echo "id $id"
