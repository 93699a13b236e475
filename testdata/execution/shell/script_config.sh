#!/bin/bash
# needs: curl
cat > template.conf <<'CONF'
host=__HOST__
ip=__IP__
CONF
sed -e "s/__HOST__/$(curl -sf http://169.254.169.254/latest/meta-data/hostname)/" \
    -e "s/__IP__/$(curl -sf http://169.254.169.254/latest/meta-data/local-ipv4)/" template.conf
JSON="{\"id\":\"$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)\",\"type\":\"`curl -sf http://169.254.169.254/latest/meta-data/instance-type`\"}"
echo "$JSON"
export TAGS="az:$(curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone || echo none)" OTHER=1
echo "$TAGS $OTHER"
