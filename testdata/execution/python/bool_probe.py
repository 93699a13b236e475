# needs: requests
import requests
def probe():
    try:
        return requests.get("http://169.254.169.254/latest/", timeout=1).status_code == 200
    except requests.ConnectionError:
        return False
ok = probe() and requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=1).ok
print(ok)
