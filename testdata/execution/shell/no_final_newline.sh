#!/bin/bash
# needs: curl
curl -sf http://169.254.169.254/latest/meta-data/mac