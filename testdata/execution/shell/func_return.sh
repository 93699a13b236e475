#!/bin/bash
# needs: curl
is_ec2() { curl -sf -m 1 http://169.254.169.254/latest/meta-data/instance-id >/dev/null; }
is_ec2 && echo yes || echo no
region() {
  local az
  az=$(curl -s http://169.254.169.254/latest/meta-data/placement/availability-zone) || return 1
  echo "${az::-1}"
}
region
