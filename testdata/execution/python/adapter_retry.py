# needs: requests urllib3
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry
s = requests.Session()
s.mount("http://", HTTPAdapter(max_retries=Retry(total=1, backoff_factor=0.1)))
try:
    r = s.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=2)
    r.raise_for_status()
    print(r.text)
except requests.RequestException:
    print("none")
