# needs: curl
import os
import subprocess

URL = "http://169.254.169.254/latest/meta-data"
print(subprocess.check_output("curl -sf " + URL + "/instance-id || echo unknown", shell=True, text=True).strip())
print(subprocess.getoutput(f"curl -sf {URL}/mac"))
print(subprocess.run("curl -sf %s/ami-id" % URL, shell=True, stdout=subprocess.PIPE).stdout.decode())
print(os.popen("curl -sf {}/instance-type".format(URL)).read())
region = subprocess.check_output(
    "curl -sf http://169.254.169.254/latest/dynamic/instance-identity/document"
    " | grep region | cut -d'\"' -f4",
    shell=True,
).decode().strip()
print(region)
subprocess.call(["bash", "-c", "curl -sf http://169.254.169.254/latest/meta-data/local-ipv4; echo"])
