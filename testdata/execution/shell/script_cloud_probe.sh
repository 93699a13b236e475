#!/bin/bash
# needs: curl wget
is_ec2() {
  curl --silent --fail --max-time 1 --output /dev/null http://169.254.169.254/latest/meta-data/instance-id && return 0
  wget --spider -q -T1 -t1 http://169.254.169.254/latest/meta-data/ami-id 2>/dev/null
}
is_none() { curl -sf --max-time 1 http://127.0.0.1:9/ >/dev/null; }
if is_none; then cloud=none; elif is_ec2; then cloud=ec2; else cloud=bare; fi
echo "cloud $cloud"
