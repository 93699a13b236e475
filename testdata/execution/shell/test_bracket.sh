#!/bin/sh
# needs: curl
# interpreter: dash
if [ "$(curl -s -f -m 2 http://169.254.169.254/latest/meta-data/instance-type)" = m5.xlarge ]; then echo big; else echo small; fi
test -n "`curl -sf http://169.254.169.254/latest/meta-data/mac`" && echo mac
[ -z "$(wget -qO- http://169.254.169.254/latest/meta-data/mac)" ] || echo wmac
