#!/bin/bash
# needs: curl
meta() { curl -sf "http://169.254.169.254/latest/meta-data/$1"; }
export -f meta
bash -c 'echo "id $(meta instance-id)"'
printf 'ami-id\nmac\n' | xargs -I{} bash -c 'meta {}; echo'
