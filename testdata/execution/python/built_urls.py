# needs: requests
import requests

BASE_URL = "http://169.254.169.254/"
API = "latest/meta-data/"
URLS = [BASE_URL + API + p for p in ("mac", "ami-id")]
for u in URLS:
    resp = requests.get(u)
    print(resp.text if resp.status_code == 200 else "?")
url = BASE_URL
url += API
url += "instance-id"
print(requests.get(url).ok)
def build(p, base=BASE_URL + "latest/"): return base + "meta-data/" + p
print(requests.get(build("mac")).ok)
full = {"mac": build("mac")}
print(requests.get(full["mac"]).ok, requests.get(full.get("mac")).ok)
t = ("http://169.254.169.254/latest/meta-data/mac", 2)
print(requests.get(t[0], timeout=t[1]).ok)
