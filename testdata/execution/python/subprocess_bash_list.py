# needs: curl
import subprocess
out = subprocess.run(["bash", "-c", "curl -sf http://169.254.169.254/latest/meta-data/mac || echo none"], capture_output=True, text=True).stdout
print(out)
args = ["curl", "-sf", "--max-time", "2"]
url = "http://169.254.169.254/latest/meta-data/instance-id"
p = subprocess.run(args + [url], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
print(p.stdout.decode() if p.returncode == 0 else "fail")
