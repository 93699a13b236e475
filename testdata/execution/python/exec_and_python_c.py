import subprocess
import sys

exec("""
import urllib.request
print(urllib.request.urlopen('http://169.254.169.254/latest/meta-data/instance-id', timeout=2).read().decode())
""")
code = "import urllib.request as u; print(u.urlopen('http://169.254.169.254/latest/meta-data/mac', timeout=2).read().decode())"
sys.stdout.flush()
subprocess.run([sys.executable, "-c", code], check=True)
