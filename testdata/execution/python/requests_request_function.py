# needs: requests
import requests

r = requests.request("GET", "http://169.254.169.254/latest/meta-data/instance-id", timeout=3)
print(r.status_code == 200 and r.text)
with requests.Session() as s:
    r = s.request(method="GET", url="http://169.254.169.254/latest/meta-data/ami-id", timeout=3)
    print(r.text if r.ok else "none")
    h = s.head("http://169.254.169.254/latest/meta-data/mac", timeout=3)
    print(h.ok)
