import subprocess, sys
py = """
import urllib.request
try:
    print(urllib.request.urlopen("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).read().decode())
except Exception as e:
    print("failed")
"""
print(subprocess.check_output([sys.executable, "-c", py]).decode())
open("job.py", "w").write(py)
print(subprocess.check_output([sys.executable, "job.py"]).decode())
print(subprocess.getoutput("""/usr/bin/python3 - <<'EOF'
import urllib.request
try:
    print(urllib.request.urlopen("http://169.254.169.254/latest/meta-data/mac").read().decode())
except OSError:
    print("none")
EOF"""))
