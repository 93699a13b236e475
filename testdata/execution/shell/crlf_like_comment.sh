#!/bin/bash
# needs: curl
# curl http://169.254.169.254/latest/meta-data/old
echo "see http://169.254.169.254/latest/meta-data/ for more"
id=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id) # http://169.254.169.254
echo $id
