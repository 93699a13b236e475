#!/bin/bash
# needs: curl
META_DATA=( instance-id mac )
for x in "${META_DATA[@]}"; do curl -sf "http://instance-data/latest/meta-data/$x"; echo; done
