#!/bin/bash
# needs: curl ipv6
echo "id: $(curl -sf -g 'http://[fd00:ec2::254]/latest/meta-data/instance-id')"
