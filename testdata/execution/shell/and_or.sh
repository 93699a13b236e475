#!/bin/bash
# needs: curl
curl -sf http://169.254.169.254/latest/meta-data/instance-id && echo " 1 ok" || echo "1 failed"
X=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo unknown)
Y=$(curl -sf http://169.254.169.254/latest/meta-data/ami-id) || Y=none
echo "2 $X $Y"
true && curl -sf http://169.254.169.254/latest/meta-data/mac || echo "3 failed"
false && curl -sf http://169.254.169.254/latest/meta-data/mac
false || curl -sf http://169.254.169.254/latest/meta-data/mac || echo "4 failed"
echo
Z=; [ -z "$Z" ] && Z=$(curl -sf http://169.254.169.254/latest/meta-data/hostname)
echo "5 $Z"
W=${W:-$(curl -sf http://169.254.169.254/latest/meta-data/local-ipv4)}
echo "6 $W"
V=$(cd / && curl -sf http://169.254.169.254/latest/meta-data/instance-type || echo none)
echo "7 $V"
true && { curl -sf http://169.254.169.254/latest/meta-data/mac; echo " 8 $?"; } 2>/dev/null | wc -l
