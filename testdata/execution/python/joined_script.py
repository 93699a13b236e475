# needs: curl
import subprocess, os
script = "\n".join([
    "#!/bin/bash",
    "set -e",
    "ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo none)",
    'echo "id $ID"',
])
open("j.sh", "w").write(script + "\n")
print(subprocess.getoutput("bash j.sh"))
os.system("\n".join(["echo a", "curl -sf http://169.254.169.254/latest/meta-data/mac", "echo b"]))
