# needs: curl
import subprocess

out = subprocess.check_output(["curl", "-sf", "-m", "2", "http://169.254.169.254/latest/meta-data/instance-id"])
print("list", out.decode())
out = subprocess.check_output("curl -sf -m 2 http://169.254.169.254/latest/meta-data/mac", shell=True)
print("string", out.decode())
