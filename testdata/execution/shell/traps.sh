#!/bin/bash
# needs: curl
trap 'echo "exit $(curl -sf http://169.254.169.254/latest/meta-data/instance-id)"' EXIT
cleanup() { curl -sf http://169.254.169.254/latest/meta-data/ami-id; echo " cleanup"; }
trap cleanup USR1
kill -USR1 $$
echo end
