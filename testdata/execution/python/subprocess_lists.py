# needs: curl wget
import subprocess

BASE = "http://169.254.169.254/latest/meta-data"

try:
    print(subprocess.check_output(["curl", "-sf", BASE + "/instance-id"]).decode())
    print(subprocess.check_output(['curl', '-sf', '--max-time', '2', f'{BASE}/mac'], text=True))
    print(subprocess.check_output(["wget", "-q", "-O", "-", BASE + "/ami-id"], universal_newlines=True))
except subprocess.CalledProcessError:
    print("failed")
result = subprocess.run(["curl", "-sf", "-m", "3", BASE + "/instance-type"], stdout=subprocess.PIPE)
print(result.stdout.decode() if result.returncode == 0 else "none")
result = subprocess.run(
    [
        "curl",
        "--silent",
        "--fail",
        BASE + "/placement/region",
    ],
    capture_output=True,
    text=True,
)
print(result.returncode == 0, result.stdout)
