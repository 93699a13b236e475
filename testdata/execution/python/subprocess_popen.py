# needs: curl
import shlex
import subprocess
from subprocess import PIPE, Popen

URL = "http://169.254.169.254/latest/meta-data/instance-id"
out, _ = Popen(["curl", "-sf", URL], stdout=PIPE).communicate()
print(out.decode() or "none")
command = ["curl", "-sf", "-m", "2"]
command.append(URL)
p = Popen(command, stdout=PIPE, stderr=PIPE)
print(p.communicate()[0].decode(), p.returncode == 0)
print(subprocess.run(shlex.split("curl -sf http://169.254.169.254/latest/meta-data/mac"), stdout=PIPE).stdout)
print(subprocess.call(["curl", "-sf", URL]) == 0)
