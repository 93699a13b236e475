#!/bin/bash
# needs: curl
t=$(curl -sf http://169.254.169.254/latest/meta-data/instance-life-cycle)
case $t in
spot) echo s ;;
on-demand) curl -sf http://169.254.169.254/latest/meta-data/ami-id; echo ;;
"") curl -sf http://169.254.169.254/latest/meta-data/mac || echo "empty" ;;
esac
