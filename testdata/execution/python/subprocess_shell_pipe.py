# needs: curl
import subprocess
cmd = "curl -s http://169.254.169.254/latest/dynamic/instance-identity/document | grep region | cut -d'\"' -f4"
print(subprocess.check_output(cmd, shell=True, universal_newlines=True).strip())
print(subprocess.getstatusoutput("curl -sf http://169.254.169.254/latest/meta-data/mac")[1])
