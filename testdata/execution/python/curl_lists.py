# needs: curl
import subprocess
from subprocess import check_output, CalledProcessError, DEVNULL, STDOUT
CURL = ["curl", "--silent", "--fail", "--connect-timeout", "1", "--max-time", "2"]
META = "http://169.254.169.254/latest/meta-data/"
def get(path):
    try:
        return check_output(CURL + [META + path], stderr=DEVNULL).decode().strip()
    except CalledProcessError:
        return None
print(get("instance-id"), get("mac"))
def get2(path):
    cmd = ["curl", "-sf"]
    cmd += [META + path]
    proc = subprocess.Popen(cmd, stdout=subprocess.PIPE, stderr=STDOUT)
    out, _ = proc.communicate()
    return out.decode() if proc.returncode == 0 else "none"
print(get2("ami-id"))
print(subprocess.run(f"curl -sf {META}mac".split(), capture_output=True).stdout)
print(subprocess.run(["curl", "-sf", "-H", "Accept: text/plain", META + "mac"], check=False, stdout=subprocess.PIPE, encoding="utf-8").stdout)
print(subprocess.getstatusoutput("curl -sf " + META + "mac")[0] == 0)
