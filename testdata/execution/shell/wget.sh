#!/bin/bash
# needs: wget
A=$(wget -qO- http://169.254.169.254/latest/meta-data/instance-id)
B=`wget -q -O - -T 2 -t 1 http://169.254.169.254/latest/meta-data/ami-id`
wget -q -O mac.txt --timeout=3 http://169.254.169.254/latest/meta-data/mac || echo "no mac"
cat mac.txt; echo
if wget -q --spider http://169.254.169.254/latest/meta-data/instance-type; then echo yes; else echo no; fi
echo "$A $B"
wget -qO- http://169.254.169.254/latest/meta-data/hostname http://169.254.169.254/latest/meta-data/local-ipv4 | wc -c
