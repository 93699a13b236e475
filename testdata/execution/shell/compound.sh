#!/bin/bash
# needs: curl
f() { curl -sf http://169.254.169.254/latest/meta-data/instance-id; } > f.txt
g() ( cd /; curl -sf http://169.254.169.254/latest/meta-data/ami-id )
f; cat f.txt; echo
g; echo
{ curl -sf http://169.254.169.254/latest/meta-data/mac; } > h.txt; cat h.txt; echo
curl -sf http://169.254.169.254/latest/meta-data/hostname &> i.txt; cat i.txt | wc -w
curl -sf http://169.254.169.254/latest/meta-data/instance-type 2>&1 | cat; echo
if ! X=$(curl -sf http://169.254.169.254/latest/meta-data/local-ipv4); then echo "no ip"; else echo "$X"; fi
true &&
    curl -sf http://169.254.169.254/latest/meta-data/placement/region &&
    echo " region"
curl -sf http://169.254.169.254/latest/meta-data/instance-id \
    || echo "none"
echo
while [ "$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)" = nothing ]; do sleep 1; done
case "$(curl -sf http://169.254.169.254/latest/meta-data/instance-type)" in *.*) echo dotted ;; *) echo plain ;; esac
