#!/bin/bash
# Runs on every cluster of the workspace.
INSTANCE_ID=$(curl -s --max-time 2 http://169.254.169.254/latest/meta-data/instance-id)
echo "instance=$INSTANCE_ID cluster=$DB_CLUSTER_ID" >> /var/log/cost-tags.log
