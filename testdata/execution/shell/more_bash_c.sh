#!/bin/bash
# needs: curl
bash -c 'echo "id: $(curl -sf http://169.254.169.254/latest/meta-data/instance-id)"'
timeout 5 bash -c "curl -sf http://169.254.169.254/latest/meta-data/mac || echo none"
echo
