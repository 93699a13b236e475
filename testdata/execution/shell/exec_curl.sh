#!/bin/bash
# needs: curl
# expect: unfixed exec replaces the shell
exec curl -sf http://169.254.169.254/latest/meta-data/instance-id
