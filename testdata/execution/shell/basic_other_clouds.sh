#!/bin/bash
# needs: curl
# The Azure probe on the same address stays as it is.
if curl -sf -m 1 -H Metadata:true "http://169.254.169.254/metadata/instance?api-version=2021-02-01" >/dev/null; then
    echo azure
elif curl -sf -m 1 http://169.254.169.254/latest/meta-data/ami-id; then
    echo " aws"
else
    echo unknown
fi
