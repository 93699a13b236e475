# needs: curl
import subprocess
T = """#!/bin/bash
NAME={name}
echo "$NAME $(curl -sf http://169.254.169.254/latest/meta-data/instance-id)"
"""
open("s.sh", "w").write(T.format(name="demo"))
print(subprocess.run(["bash", "s.sh"], stdout=subprocess.PIPE).stdout.decode())
