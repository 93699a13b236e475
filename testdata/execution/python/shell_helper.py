# needs: curl
import os, json
from subprocess import Popen, PIPE, run
def sh(c):
    p = Popen(c, shell=True, stdout=PIPE)
    return p.communicate()[0].decode()
META = "http://169.254.169.254/latest/meta-data"
ID = sh("curl -sf %s/instance-id" % META)
print(ID or "none")
ZONE = sh(f"curl -sf {META}/placement/availability-zone")
REGION = ZONE[:-1] if ZONE else "none"
print(REGION)
cmds = {
    "mac": "curl -sf %s/mac" % META,
    "ami": f"curl --silent --fail {META}/ami-id",
}
for name, cmd in sorted(cmds.items()):
    print(name, sh(cmd) or "none")
out = run(["sh", "-c", f"curl -sf {META}/local-ipv4 | tr . -"], stdout=PIPE).stdout
print(out)
os.system("""
  for key in mac ami-id; do
    value=$(curl -sf http://169.254.169.254/latest/meta-data/$key) || value=none
    echo "$key=$value"
  done
""")
