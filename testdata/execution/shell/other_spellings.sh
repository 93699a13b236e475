#!/bin/bash
# needs: curl
curl -sf http://2852039166/latest/meta-data/instance-id; echo
curl -sf http://0xA9FEA9FE/latest/meta-data/ami-id; echo
curl -sf http://169.254.169.254:80/2009-04-04/meta-data/mac; echo
curl -sf http://169.254.169.254/latest//meta-data/hostname; echo
curl -sf 169.254.169.254/1.0/meta-data/instance-type; echo
