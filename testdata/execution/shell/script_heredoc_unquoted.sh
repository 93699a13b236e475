#!/bin/bash
# needs: curl
NAME=demo
cat > run.sh <<EOF2
#!/bin/sh
echo "$NAME \$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)"
EOF2
sh run.sh
