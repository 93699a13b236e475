# needs: requests
import requests

BASE = "http://169.254.169.254/latest/meta-data"

for key in ["instance-type", "local-ipv4", "placement/region"]:
    r = requests.get(f"{BASE}/{key}", timeout=2)
    print(key, r.text if r.status_code == 200 else "n/a")
