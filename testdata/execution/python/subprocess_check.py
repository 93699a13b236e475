# needs: curl
import subprocess
try:
    subprocess.check_call(["curl", "-sf", "-o", "/dev/null", "http://169.254.169.254/latest/meta-data/"])
    print("ec2")
except subprocess.CalledProcessError as e:
    print("not ec2")
print(subprocess.run(["curl", "-sf", "http://169.254.169.254/latest/meta-data/mac"], check=False, stdout=subprocess.PIPE).stdout.decode().strip())
