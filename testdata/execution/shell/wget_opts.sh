#!/bin/bash
# needs: wget
wget --quiet --tries=1 --timeout=2 --output-document=doc.json http://169.254.169.254/latest/dynamic/instance-identity/document && grep -c region doc.json
if wget -q --spider http://169.254.169.254/latest/meta-data/; then echo here; else echo away; fi
