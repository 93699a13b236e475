#!/bin/bash
# needs: curl
cat <<'EOS' | bash
id=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)
echo "inner $id"
EOS
bash -s arg <<'EOS'
echo "$1 $(curl -sf http://169.254.169.254/latest/meta-data/mac || echo none)"
EOS
