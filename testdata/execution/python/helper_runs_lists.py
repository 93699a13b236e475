# needs: curl
import subprocess, time
def run_command(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    stdout, stderr = process.communicate()
    return stdout.decode().strip(), stderr.decode().strip(), process.returncode
instance_id, _, rc = run_command(["curl", "-f", "http://169.254.169.254/latest/meta-data/instance-id"])
print(instance_id, rc == 0)
print(run_command(["echo", "hi"])[0])
def loop():
    for k in ("mac", "ami-id"):
        out, _, rc = run_command(["curl", "-sf", "http://169.254.169.254/latest/meta-data/" + k])
        print(k, out if rc == 0 else "none")
loop()
tags = {k: subprocess.run(["curl", "-sf", f"http://169.254.169.254/latest/meta-data/{k}"], capture_output=True, text=True).stdout for k in "mac ami-id".split()}
print(tags)
