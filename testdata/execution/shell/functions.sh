#!/bin/bash
# needs: curl
BASE=http://169.254.169.254/latest/meta-data
get() {
    local path=$1 value
    value=$(curl -sf -m 2 "$BASE/$path") || return 1
    printf '%s\n' "$value"
}
get_url() { curl -sf "$1"; }
options() {
    local path=$1; shift
    curl -sf "$@" "$BASE/$path"
}
function zone { curl -sf $BASE/placement/availability-zone; }
get instance-id || echo "no instance-id"
id=$(get ami-id) && echo "ami $id"
get_url "$BASE/mac"; echo
options hostname -m 3; echo
region=$(zone | sed 's/.$//')
echo "region $region"
