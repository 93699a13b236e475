#!/bin/bash
# needs: curl
set -e
export ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)
show() { local t=$(curl -sf http://169.254.169.254/latest/meta-data/instance-type); echo "type $t"; }
show
echo "$(curl -sf http://169.254.169.254/latest/meta-data/ami-id)" and "$ID"
if X=$(curl -sf http://169.254.169.254/latest/meta-data/mac); then echo "$X"; fi
! curl -sf http://169.254.169.254/latest/meta-data/mac >/dev/null
echo end
