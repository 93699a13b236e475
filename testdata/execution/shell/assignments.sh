#!/bin/bash
# needs: curl
A=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id) B=$(curl -sf http://169.254.169.254/latest/meta-data/ami-id)
export C=$(curl -sf http://169.254.169.254/latest/meta-data/mac) D=`curl -sf http://169.254.169.254/latest/meta-data/hostname`
E=$(curl -sf http://169.254.169.254/latest/meta-data/instance-type)-$(curl -sf http://169.254.169.254/latest/meta-data/local-ipv4)
arr=("$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)" x)
arr+=($(curl -sf http://169.254.169.254/latest/meta-data/placement/region))
set -- $(curl -sf http://169.254.169.254/latest/meta-data/local-ipv4) last
read -r R <<< "$(curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone)"
printf '%s|' "$A" "$B" "$C" "$D" "$E" "${arr[@]}" "$#" "$R"; echo
X=$(curl -sf http://169.254.169.254/latest/meta-data/ami-launch-index) printenv X
n=$((0$(curl -sf http://169.254.169.254/latest/meta-data/ami-launch-index) + 1)); echo "$n"
