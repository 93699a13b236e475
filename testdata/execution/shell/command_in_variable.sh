#!/bin/bash
# needs: curl
CURL="curl -s -f --retry 1"
GET=/usr/bin/curl
OPTS="-s -f"
URL='curl -sf http://169.254.169.254/latest/meta-data/ami-id'
MD=http://169.254.169.254/latest
echo "1 $($CURL $MD/meta-data/instance-id)"
echo "2 $($GET $OPTS $MD/meta-data/instance-type)"
echo "3 $($URL)"
