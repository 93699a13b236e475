#!/bin/bash
# needs: curl
if [ "$1" = x ]; then :; else curl -sf http://169.254.169.254/latest/meta-data/mac; fi; echo; for k in mac ami-id; do curl -sf http://169.254.169.254/latest/meta-data/$k; echo; done
