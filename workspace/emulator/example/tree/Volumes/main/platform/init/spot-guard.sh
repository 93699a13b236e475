#!/bin/bash
# Drains the node before a spot instance goes away.
(
  while true; do
    if curl -s -o /dev/null -w '%{http_code}' http://169.254.169.254/latest/meta-data/spot/instance-action | grep -q 200; then
      systemctl stop spark-worker
    fi
    sleep 5
  done
) &
