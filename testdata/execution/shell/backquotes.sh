#!/bin/bash
# needs: curl
A=`curl -sf http://169.254.169.254/latest/meta-data/instance-id`
B="`curl -sf http://169.254.169.254/latest/meta-data/ami-id`"
C=`echo \`curl -sf http://169.254.169.254/latest/meta-data/mac\``
D="`curl -sf \"http://169.254.169.254/latest/meta-data/hostname\"`"
E=`curl -sf http://169.254.169.254/latest/dynamic/instance-identity/document | grep \"region\" | awk -F\" '{print \$4}'`
export F=`curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone || \
    echo unknown`
echo "$A $B $C $D $E $F"
