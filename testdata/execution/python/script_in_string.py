# needs: curl
import os
import stat
import subprocess

SCRIPT = """#!/bin/bash
set -u
ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)
ZONE=`curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone || echo unknown`
echo "id ${ID:-none} in $ZONE"
"""

with open("start.sh", "w") as f:
    f.write(SCRIPT)
os.chmod("start.sh", stat.S_IRWXU)
print(subprocess.run(["./start.sh"], stdout=subprocess.PIPE).stdout.decode())
