#!/bin/bash
# needs: curl
if [[ "$(curl -s -m 2 http://169.254.169.254/latest/meta-data/services/domain)" == "amazonaws.com" ]]; then
  echo aws
fi
if [[ -n $(curl -sf http://169.254.169.254/latest/meta-data/mac) ]] && [ 1 = 1 ]; then echo mac; fi
