# needs: curl
import os, re, subprocess
def run(cmd):
    p = subprocess.Popen(cmd, shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = p.communicate()
    return p.returncode, out.decode().strip()
rc, iid = run("curl -sf -m 2 http://169.254.169.254/latest/meta-data/instance-id")
print(iid if rc == 0 else "none")
rc, doc = run("curl -sf http://169.254.169.254/latest/dynamic/instance-identity/document | grep -oP '(?<=\"region\" : \")[^\"]*' || true")
print(doc)
print(os.popen('curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone | sed "s/.$//"').read().strip())
with os.popen("""curl -sf "http://169.254.169.254/latest/meta-data/mac" """) as f:
    print(f.read().strip())
os.system("echo id=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)")
