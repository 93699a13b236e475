#!/bin/bash
# needs: curl
curl -sf http://169.254.169.254/latest/user-data | grep '^export' | while read -r line; do
    echo "from user data: $line"
done
