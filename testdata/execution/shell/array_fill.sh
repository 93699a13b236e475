#!/bin/bash
# needs: curl
ids=( $(curl -sf http://169.254.169.254/latest/meta-data/instance-id) )
ids+=("$(curl -sf http://169.254.169.254/latest/meta-data/mac)")
readarray -t keys < <(curl -sf http://169.254.169.254/latest/meta-data/placement/)
echo "${#ids[@]} ${ids[*]} ${keys[0]}"
declare -A m
m[type]=$(curl -sf http://169.254.169.254/latest/meta-data/instance-type)
echo "${m[type]}"
