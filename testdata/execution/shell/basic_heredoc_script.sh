#!/bin/bash
# needs: curl
cat > report.sh <<'SCRIPT'
#!/bin/bash
echo "zone: $(curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone)"
SCRIPT
bash report.sh
