#!/bin/bash
# needs: curl
ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id) AZ=$(curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone)
export A=$(curl -sf http://169.254.169.254/latest/meta-data/mac) B=2
NAME=$(curl -sf http://169.254.169.254/latest/meta-data/hostname) bash -c 'echo "name=$NAME"'
echo $ID $AZ $A $B
