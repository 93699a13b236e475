# needs: requests
import requests

session = requests.Session()
session.trust_env = False
session.headers.update({"User-Agent": "inventory/1.0"})
BASE = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
role = session.get(BASE, timeout=2)
role.raise_for_status()
credentials = session.get(BASE + role.text, timeout=2).json()
print(role.text, credentials["AccessKeyId"])
