#!/bin/bash
# needs: curl
code=$(curl -s -o /dev/null -w '%{http_code}' http://169.254.169.254/latest/meta-data/)
if [ "$code" = 200 ]; then echo ok; else echo "bad"; fi
