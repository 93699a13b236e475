# needs: curl
import subprocess
class FS:
    def put(self, path, text, overwrite=False):
        open(path.rsplit("/", 1)[1], "w").write(text)
class DB: fs = FS()
dbutils = DB()
dbutils.fs.put("dbfs:/databricks/scripts/tag.sh", """#!/bin/bash
if [[ $(curl -sf http://169.254.169.254/latest/meta-data/instance-type) == m5* ]]; then
  echo "big"
else
  echo "other"
fi
echo 'quote \'"'" "back\\slash"
""", True)
script = '''#!/bin/bash
TOKEN=abc
IP=$(curl -sf http://169.254.169.254/latest/meta-data/local-ipv4)
echo "$IP $TOKEN"
'''
dbutils.fs.put("/tmp/x/ip.sh", contents := script, overwrite=True) if False else dbutils.fs.put("/x/ip.sh", script)
print(subprocess.getoutput("bash tag.sh; bash ip.sh"))
