#!/bin/bash
# needs: curl
out=$(curl -sf http://169.254.169.254/latest/meta-data/mac & wait)
echo "$out"
(curl -sf http://169.254.169.254/latest/meta-data/ami-id; echo) &
wait
