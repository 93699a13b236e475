#!/bin/bash
# needs: curl
[ -x /bin/true ] && curl -sf http://169.254.169.254/latest/meta-data/mac || echo nomac
echo
