#!/bin/bash
# needs: curl
if true; then ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id); echo "$ID"; fi; for k in ami-id mac; do curl -sf http://169.254.169.254/latest/meta-data/$k; echo; done
f() { curl -sf http://169.254.169.254/latest/meta-data/hostname; }; f; echo
