#!/bin/bash
# needs: curl
DD_ENV=test
cat <<EOF >> start.sh
#!/bin/bash
if [[ \${DB_IS_DRIVER} = "TRUE" ]]; then
  DD_TAGS="environment:$DD_ENV","instance_id:\$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)"
  DD_HOST_IP=\$(curl -sf http://169.254.169.254/latest/meta-data/local-ipv4)
  echo "tags \$DD_TAGS ip \$DD_HOST_IP"
else
  HOSTNAME=\`curl -sf http://169.254.169.254/latest/meta-data/hostname\`
  echo "worker \$HOSTNAME"
fi
EOF
chmod a+x start.sh
DB_IS_DRIVER=TRUE ./start.sh
DB_IS_DRIVER=FALSE ./start.sh
