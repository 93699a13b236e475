#!/bin/bash
# needs: curl
cat <<EOF
id $(curl -sf http://169.254.169.254/latest/meta-data/instance-id)
ami `curl -sf http://169.254.169.254/latest/meta-data/ami-id`
EOF
cat > one.sh <<'SCRIPT'
#!/bin/bash
curl -sf http://169.254.169.254/latest/meta-data/mac; echo
SCRIPT
greeting=hello
cat > two.sh <<SCRIPT
#!/bin/bash
TYPE=\$(curl -sf http://169.254.169.254/latest/meta-data/instance-type)
echo "$greeting \$TYPE"
SCRIPT
bash one.sh; bash two.sh
if true; then
	cat <<-SCRIPT | bash
		set -e
		HOST=\`curl -sf http://169.254.169.254/latest/meta-data/hostname\`
		echo "host \$HOST"
	SCRIPT
fi
bash <<'SCRIPT'
curl -sf http://169.254.169.254/latest/meta-data/local-ipv4; echo
SCRIPT
echo 'curl -sf http://169.254.169.254/latest/meta-data/placement/region' | sh; echo
