#!/bin/bash
# needs: curl
echo $(( $(curl -sf http://169.254.169.254/latest/meta-data/ami-launch-index || echo 41) + 1 ))
