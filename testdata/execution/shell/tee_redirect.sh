#!/bin/bash
# needs: curl
curl -s http://169.254.169.254/latest/meta-data/instance-id | tee id.log | wc -c
exec 3< <(curl -s http://169.254.169.254/latest/meta-data/mac); cat <&3; echo
