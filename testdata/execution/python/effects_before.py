# needs: curl
import subprocess
import urllib.request


def note(step):
    print("step", step)
    return step


try:
    print(note(1), urllib.request.urlopen("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).read().decode())
except OSError:
    print("none")
try:
    zone = note(2), subprocess.check_output(["curl", "-sf", "http://169.254.169.254/latest/meta-data/placement/availability-zone"])
    print(zone)
except subprocess.CalledProcessError:
    print("none")
try:
    print(note(3), subprocess.run(["curl", "-sf", "http://169.254.169.254/latest/meta-data/mac"], stdout=subprocess.PIPE, check=True).stdout)
except subprocess.CalledProcessError:
    print("none")
