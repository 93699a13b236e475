#!/bin/bash
# needs: curl
curl -s http://169.254.169.254/latest/meta-data/tags/instance/ | while read -r tag; do
  echo "$tag=$(curl -s "http://169.254.169.254/latest/meta-data/tags/instance/${tag}")"
done
