# needs: curl
import os
import subprocess
START = """
#!/bin/bash
echo region: $(curl --silent --fail http://169.254.169.254/latest/meta-data/placement/region)
for i in 1 2; do
  if curl -sf -m 1 http://169.254.169.254/latest/meta-data/instance-id > /dev/null; then echo up; break; fi
done
""".strip()
with open("start.sh", "wt") as out: out.write(START + "\n")
print(subprocess.getoutput("bash start.sh"))
lines = ["#!/bin/bash\n", "echo $(curl -sf http://169.254.169.254/latest/meta-data/mac)\n"]
with open("lines.sh", "w") as out: out.writelines(lines)
print(subprocess.getoutput("bash lines.sh"))
with open("w.sh", "w") as out:
    out.write("#!/bin/sh\n")
    out.write("ID=$(curl -sf http://169.254.169.254/latest/meta-data/instance-id)\n")
    out.write("echo id $ID\n")
print(subprocess.getoutput("sh w.sh"))
with open("p.sh", "w") as out:
    print("#!/bin/sh\ncurl -sf http://169.254.169.254/latest/meta-data/ami-id", file=out)
print(subprocess.getoutput("sh p.sh"))
