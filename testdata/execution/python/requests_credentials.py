# needs: requests
import requests

BASE = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
try:
    role = requests.get(BASE, timeout=2)
    role.raise_for_status()
    creds = requests.get(BASE + role.text, timeout=2)
    creds.raise_for_status()
    data = creds.json()
except requests.HTTPError as err:
    print("no role:", type(err).__name__)
else:
    print(role.text, data["Type"], sorted(data))
