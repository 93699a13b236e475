# needs: requests curl
# Python in a here-document in shell in an f-string, and back again.
import os
import subprocess
import sys

host = "169.254.169.254"
base = f"http://{host}/latest/meta-data"
sys.stdout.flush()
os.system(f"""python3 - <<'PY' 2>/dev/null || echo unknown
import requests
answer = requests.get("{base}/ami-id", timeout=2)
answer.raise_for_status()
print({{"ami": answer.text}})
PY
""")
print(subprocess.check_output(f"""bash -c 'curl -sf {base}/instance-id || echo unknown'""", shell=True).decode().strip())
print(subprocess.check_output(["sh", "-c", "python3 -c 'import os; print(os.popen(\"curl -sf http://169.254.169.254/latest/meta-data/instance-type || echo unknown\").read())'"]).decode().strip())
script = """#!/bin/bash
cat > inner.py <<'EOF'
from urllib.request import urlopen
try:
    print(urlopen("http://169.254.169.254/latest/meta-data/placement/availability-zone", timeout=2).read().decode())
except OSError:
    print("unknown")
EOF
python3 inner.py
"""
with open("outer.sh", "w") as f:
    f.write(script)
print(subprocess.check_output(["bash", "outer.sh"]).decode().strip())
