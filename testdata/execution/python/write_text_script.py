# needs: curl
from pathlib import Path
import subprocess, stat
INIT = Path("init.sh")
INIT.write_text("""#!/usr/bin/env bash
set -euo pipefail
INSTANCE_ID="$(curl -fsS http://169.254.169.254/latest/meta-data/instance-id)"
REGION=$(curl -fsS http://169.254.169.254/latest/dynamic/instance-identity/document | grep region | awk -F\\" '{print $4}')
cat > conf.ini <<EOF
id=$INSTANCE_ID
region=${REGION}
EOF
""")
r = subprocess.run(["bash", str(INIT)], stderr=subprocess.DEVNULL)
print(r.returncode == 0)
print(Path("conf.ini").read_text() if r.returncode == 0 else "none")
