#!/bin/bash
# needs: wget
R=`wget -qO- http://169.254.169.254/latest/meta-data/iam/security-credentials/`
wget -qO- "http://169.254.169.254/latest/meta-data/iam/security-credentials/$R" | grep -c SecretAccessKey
