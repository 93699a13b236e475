#!/bin/bash
# needs: curl
# What a script gets from user data is run, as bootstraps do.
curl -sf http://169.254.169.254/latest/user-data > data
[ -s data ] && echo "some" || echo "none"
curl -sf http://169.254.169.254/latest/user-data | wc -l
