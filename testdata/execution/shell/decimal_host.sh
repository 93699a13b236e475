#!/bin/bash
# needs: curl
echo "$(curl -sf http://2852039166/latest/meta-data/instance-id) $(curl -sf http://0xA9FEA9FE/latest/meta-data/mac)"
