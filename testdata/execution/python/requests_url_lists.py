# needs: requests
import requests
URLS = {"id": "http://169.254.169.254/latest/meta-data/instance-id", "mac": "http://169.254.169.254/latest/meta-data/mac"}
for name, url in sorted(URLS.items()):
    r = requests.get(url, timeout=1)
    print(name, r.text if r else None)
for path in ["ami-id", "local-ipv4"]:
    url = "http://169.254.169.254/latest/meta-data/" + path
    try:
        r = requests.get(url, timeout=1); r.raise_for_status()
    except requests.HTTPError: print("err"); continue
    print(path, r.text)
