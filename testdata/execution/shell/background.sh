#!/bin/bash
# needs: curl
curl -sf http://169.254.169.254/latest/meta-data/instance-id > id.txt &
curl -sf http://169.254.169.254/latest/meta-data/ami-id > ami.txt 2>/dev/null &
wait
cat id.txt ami.txt; echo
(curl -sf http://169.254.169.254/latest/meta-data/mac > mac.txt || echo none > mac.txt) &
wait $!
cat mac.txt; echo
