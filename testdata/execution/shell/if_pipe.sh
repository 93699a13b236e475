#!/bin/bash
# needs: curl
if curl -sf http://169.254.169.254/latest/meta-data/placement/region | grep -q us-west; then echo west; else echo else; fi
if curl -s -m 2 http://169.254.169.254/latest/meta-data/ 2>/dev/null | grep -q instance-id; then echo ec2; fi
