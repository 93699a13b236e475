#!/bin/bash
# needs: curl
bash -c 'curl -sf http://169.254.169.254/latest/meta-data/instance-id; echo'
KEY=ami-id
sh -c "curl -sf http://169.254.169.254/latest/meta-data/$KEY || echo failed"; echo
export BASE=http://169.254.169.254/latest/meta-data
bash -c 'echo "type $(curl -sf "$BASE/instance-type")"'
eval "curl -sf $BASE/mac"; echo
bash -ec "X=\$(curl -sf http://169.254.169.254/latest/meta-data/hostname); echo \"\$X\""
