# needs: curl
import subprocess

print(subprocess.run(["bash", "-s"], input="ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)\necho id $ID\n",
                     stdout=subprocess.PIPE, text=True).stdout)
lines = [
    "#!/bin/bash",
    "curl -sf http://169.254.169.254/latest/meta-data/placement/region || echo unknown",
]
with open("region.sh", "w") as out:
    out.write("\n".join(lines) + "\n")
print(subprocess.check_output(["bash", "region.sh"]).decode())
