#!/bin/bash
# needs: curl
M=http://169.254.169.254/latest/meta-data/network/interfaces/macs
for mac in $(curl -s $M/); do
  vpc=$(curl -s $M/${mac}vpc-id)
  echo "$mac $vpc"
done
