#!/bin/bash
# needs: curl
HOST=169.254.169.254
P=latest/meta-data
URL="http://$HOST"
URL+="/$P"
curl -sf "$URL/mac"; echo
curl -sf http://${HOST}/$P/ami-id; echo
