# needs: curl
import subprocess as sp
SCRIPT = r"""
set -e
IID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo none)
printf '%s\n' "$IID"
"""
print(sp.check_output(["bash", "-c", SCRIPT]).decode())
print(sp.check_output(SCRIPT, shell=True, executable="/bin/bash").decode())
print(sp.run(["/bin/sh", "-c", "curl -sf http://169.254.169.254/latest/meta-data/mac | tr a-z A-Z"], capture_output=True, text=True).stdout)
