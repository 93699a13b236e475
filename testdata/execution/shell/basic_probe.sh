#!/bin/bash
# needs: curl
if curl -sf -m 2 -o /dev/null http://169.254.169.254/latest/meta-data/; then
    echo "on EC2"
else
    echo "not on EC2"
fi
