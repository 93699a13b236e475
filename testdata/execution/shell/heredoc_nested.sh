#!/bin/bash
# needs: curl python3
cat > outer.sh <<'OUTER'
#!/bin/bash
cat > inner.sh <<'INNER'
#!/bin/sh
ID=`curl -sf http://169.254.169.254/latest/meta-data/instance-id`
echo "inner $ID"
INNER
sh inner.sh
echo "outer $(curl -sf http://169.254.169.254/latest/meta-data/ami-id)"
OUTER
bash outer.sh
python3 - <<PY
import subprocess
print(subprocess.check_output("curl -sf http://169.254.169.254/latest/meta-data/mac || echo none", shell=True).decode())
PY
