#!/bin/sh
# needs: curl
export EC2_INSTANCE_ID="`wget -q -O - http://169.254.169.254/latest/meta-data/instance-id || die \"wget instance-id has failed: $?\"`"
echo "$EC2_INSTANCE_ID"
