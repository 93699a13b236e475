# needs: wget
import subprocess, shlex
cmd = "wget -q -O - http://169.254.169.254/latest/meta-data/instance-type"
try:
    print(subprocess.check_output(shlex.split(cmd), stderr=subprocess.DEVNULL, timeout=5).decode())
except (subprocess.CalledProcessError, OSError):
    print("unknown")
