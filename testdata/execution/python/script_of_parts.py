# needs: curl
import subprocess
HEAD = "#!/bin/bash\nset -u\n"
BODY = """ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo none)
echo "$ID"
"""
TAIL = "echo end\n"
with open("h.sh", "w") as f:
    f.write(HEAD + BODY + TAIL)
print(subprocess.getoutput("bash h.sh"))
script = "#!/bin/sh\n"
script += "curl -sf http://169.254.169.254/latest/meta-data/mac\n"
open("k.sh", "w").write(script)
print(subprocess.getoutput("sh k.sh"))
