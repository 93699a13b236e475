# needs: requests
import requests
def fetch(url, timeout=2):
    r = requests.get(url, timeout=timeout)
    r.raise_for_status()
    return r.text
try:
    print(fetch("http://169.254.169.254/latest/meta-data/instance-id"))
    print(fetch("http://169.254.169.254/latest/meta-data/placement/availability-zone", timeout=1)[:-1])
except requests.RequestException:
    print("none")
