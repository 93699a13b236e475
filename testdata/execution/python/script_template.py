# needs: curl
import subprocess
from string import Template

BODY = """#!/bin/bash
NAME="{name}"
KIND=$(curl -sf http://169.254.169.254/latest/meta-data/{key} || echo unknown)
echo "${{NAME}} is $KIND"
"""
OTHER = Template("""#!/bin/sh
echo "$title: `curl -sf http://169.254.169.254/latest/meta-data/$key`"
""")
PERCENT = """#!/bin/sh
printf '%%s\\n' "$(curl -sf http://169.254.169.254/latest/meta-data/%s)"
"""
with open("one.sh", "w") as f:
    f.write(BODY.format(name="box", key="instance-type"))
with open("two.sh", "w") as f:
    f.write(OTHER.substitute(title="mac", key="mac"))
with open("three.sh", "w") as f:
    f.write(PERCENT % "ami-id")
for name in ("bash one.sh", "sh two.sh", "sh three.sh"):
    print(subprocess.getoutput(name))
