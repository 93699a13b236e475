#!/bin/bash
# needs: curl wget
# timeout: yes
curl -sf -m 2 http://169.254.169.254/latest/meta-data/instance-id || echo "no answer"
echo " $(wget -qO- -T 2 -t 1 http://169.254.169.254/latest/meta-data/ami-id || echo none)"
