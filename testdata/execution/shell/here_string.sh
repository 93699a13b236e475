#!/bin/bash
# needs: curl
read -r id <<< "$(curl -s http://169.254.169.254/latest/meta-data/instance-id)"
echo "id $id"
