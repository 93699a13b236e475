#!/bin/bash
# needs: curl
timeout 5 curl -sf http://169.254.169.254/latest/meta-data/instance-id; echo
env LANG=C curl -sf http://169.254.169.254/latest/meta-data/ami-id; echo
nohup curl -sf http://169.254.169.254/latest/meta-data/mac 2>/dev/null; echo
command curl -sf http://169.254.169.254/latest/meta-data/hostname; echo
nice -n 5 curl -sf http://169.254.169.254/latest/meta-data/instance-type; echo
{ time -p curl -sf http://169.254.169.254/latest/meta-data/local-ipv4; } 2>/dev/null; echo
http_proxy= curl -sf http://169.254.169.254/latest/meta-data/placement/region; echo
retry() { local n=0; until "$@"; do n=$((n + 1)); [ $n -ge 2 ] && return 1; done; }
retry curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone; echo
echo instance-id | xargs -I{} curl -sf http://169.254.169.254/latest/meta-data/{}; echo
