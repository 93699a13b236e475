# needs: curl
import subprocess, sys
def sh(*args, **kw):
    return subprocess.run(args, capture_output=True, text=True, **kw)
r = subprocess.run(["curl", "-s", "-o", "out.txt", "-f", "http://169.254.169.254/latest/meta-data/mac"])
print(r.returncode == 0)
r = subprocess.run(["sudo", "-n", "true"]) if False else None
with open("z.txt", "wb") as f:
    rc = subprocess.call(["curl", "-sf", "http://169.254.169.254/latest/meta-data/ami-id"], stdout=f)
print(rc == 0, open("z.txt").read())
try:
    subprocess.check_call(["curl", "-sf", "http://169.254.169.254/latest/meta-data/mac"], stdout=subprocess.DEVNULL)
    print("ok")
except subprocess.CalledProcessError as e:
    print("bad")
with subprocess.Popen(["curl", "-sf", "http://169.254.169.254/latest/meta-data/mac"], stdout=subprocess.PIPE, text=True) as p:
    print(p.stdout.read())
print(subprocess.run(["env", "LC_ALL=C", "timeout", "5", "curl", "-sf", "http://169.254.169.254/latest/meta-data/mac"], stdout=subprocess.PIPE).stdout)
print(subprocess.check_output(("curl", "-sf", "http://169.254.169.254/latest/meta-data/mac")) if r is None else 1)
