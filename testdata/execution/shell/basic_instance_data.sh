#!/bin/bash
# needs: curl hosts
name=$(curl -sf http://instance-data/latest/meta-data/tags/instance/Name)
echo "name $name"
