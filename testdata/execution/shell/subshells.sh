#!/bin/bash
# needs: curl
(cd / && curl -sf http://169.254.169.254/latest/meta-data/instance-id)
[ $? -eq 0 ] && echo " ok" || echo " failed"
( curl -sf http://169.254.169.254/latest/meta-data/ami-id; echo " in" )
{ curl -sf http://169.254.169.254/latest/meta-data/mac; echo " brace"; } | cat
(set -e; curl -sf http://169.254.169.254/latest/meta-data/hostname; echo " reached")
echo done
