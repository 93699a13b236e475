# needs: requests
import requests
from urllib.parse import urljoin
BASE = "http://169.254.169.254/latest/"
print(requests.get(urljoin(BASE, "meta-data/instance-type"), timeout=1).text)
