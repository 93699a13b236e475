#!/bin/bash
# needs: curl
echo "$(curl -sf http://169.254.169.254/2009-04-04/meta-data/instance-id) $(curl -sf http://169.254.169.254/1.0/meta-data/hostname)"
