#!/bin/bash
# needs: curl
ID=`/usr/bin/curl -s -f http://169.254.169.254/latest/meta-data/instance-id 2> /dev/null`
M=$(command curl -sf http://169.254.169.254/latest/meta-data/mac)
echo "$ID $M $(\curl -sf http://169.254.169.254/latest/meta-data/ami-id)"
