# needs: curl
import subprocess
SCRIPT = """#!/bin/bash
set -e
ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo none)
echo "id: ${ID}"
"""
with open("s.sh", "w") as f:
    f.write(SCRIPT)
print(subprocess.check_output(["bash", "s.sh"]).decode())
