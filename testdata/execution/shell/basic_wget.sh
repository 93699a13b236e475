#!/bin/bash
# needs: wget
host=$(wget -qO- http://169.254.169.254/latest/meta-data/local-hostname)
echo "host=$host"
