# needs: requests
import requests
URLS = {
    "id": "http://169.254.169.254/latest/meta-data/instance-id",
    "mac": "http://169.254.169.254/latest/meta-data/mac",
}
for name, url in URLS.items():
    print(name, requests.get(url, timeout=2).text)
print(requests.get(URLS["id"], timeout=2).text)
