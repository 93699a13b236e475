#!/bin/bash
# needs: curl
false
echo "status $? $(curl -sf http://169.254.169.254/latest/meta-data/instance-id)"
curl -sf http://169.254.169.254/latest/meta-data/ami-id
rc=$?
[ $rc -eq 0 ] && echo " ok" || echo " failed"
false
if [ $? -ne 0 ]; then curl -sf http://169.254.169.254/latest/meta-data/mac; fi
echo
