# needs: curl
import os, subprocess
with os.popen("curl -sf http://169.254.169.254/latest/meta-data/mac") as f:
    print(f.readline())
with subprocess.Popen("curl -sf http://169.254.169.254/latest/meta-data/ami-id", shell=True, stdout=subprocess.PIPE) as p:
    print(p.stdout.read().decode())
for l in os.popen('curl -sf http://169.254.169.254/latest/meta-data/placement/').readlines():
    print(l.strip())
