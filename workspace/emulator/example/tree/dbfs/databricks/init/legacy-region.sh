#!/bin/bash
REGION=`wget -q -O - http://169.254.169.254/latest/meta-data/placement/availability-zone | sed 's/.$//'`
echo "export AWS_REGION=$REGION" >> /etc/environment
