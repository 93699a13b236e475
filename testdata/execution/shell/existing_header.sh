#!/bin/bash
# needs: curl
curl -sf -H 'Accept: text/plain' -A agent/1 http://169.254.169.254/latest/meta-data/instance-id ; echo " done"
