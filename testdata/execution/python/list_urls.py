# needs: requests
import requests
for url in ["http://169.254.169.254/latest/meta-data/mac", "http://169.254.169.254/latest/meta-data/ami-id"]:
    r = requests.get(url, timeout=2)
    print(r.status_code, r.text)
