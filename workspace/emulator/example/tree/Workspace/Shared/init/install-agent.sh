#!/bin/bash
# Installs the log agent on every node.
set -euo pipefail

REGION=$(curl -s http://169.254.169.254/latest/meta-data/placement/region)
INSTANCE_ID=$(curl -s http://169.254.169.254/latest/meta-data/instance-id)

cat > /etc/log-agent.conf <<CONF
region = $REGION
instance = $INSTANCE_ID
CONF
systemctl restart log-agent
