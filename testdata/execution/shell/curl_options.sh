#!/bin/bash
# needs: curl
# The forms curl's options take.
curl -sfm2 http://169.254.169.254/latest/meta-data/instance-id; echo
curl -sf --url http://169.254.169.254/latest/meta-data/ami-id; echo
curl http://169.254.169.254/latest/meta-data/mac -sf -o out.txt && cat out.txt; echo
curl -sf -X GET -H 'Accept: text/plain' --connect-timeout 1 --max-time 3 169.254.169.254/latest/meta-data/hostname; echo
curl -sf -w ' %{http_code}\n' http://169.254.169.254/latest/meta-data/instance-type
curl -sf --noproxy '*' -4 "http://169.254.169.254/latest/meta-data/local-ipv4"
echo
curl -sfI http://169.254.169.254/latest/meta-data/instance-id | head -1 | tr -d '\r'
curl -sfG http://169.254.169.254/latest/meta-data/placement/region
echo
