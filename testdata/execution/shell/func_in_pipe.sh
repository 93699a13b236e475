#!/bin/bash
# needs: curl
md() { curl -fs "http://169.254.169.254/latest/meta-data/$1" || echo "no-$1"; }
md mac | tr : -
echo
echo "$(md ami-id)/$(md nope)"
x=`md instance-type`; echo "$x"
