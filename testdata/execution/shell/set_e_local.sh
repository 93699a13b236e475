#!/bin/bash
# needs: curl
set -euo pipefail
main() {
  local id az
  id=$(curl -sSf http://169.254.169.254/latest/meta-data/instance-id)
  local region="$(curl -sf http://169.254.169.254/latest/meta-data/placement/region)"
  readonly TYPE=$(curl -sf http://169.254.169.254/latest/meta-data/instance-type)
  echo "$id $region $TYPE"
}
main "$@"
