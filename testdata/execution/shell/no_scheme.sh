#!/bin/bash
# needs: curl
curl -sf 169.254.169.254/latest/meta-data/instance-id; echo
wget -qO- 169.254.169.254/latest/meta-data/mac; echo
