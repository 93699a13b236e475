# needs: requests
from requests import get
from requests.exceptions import RequestException

try:
    document = get("http://169.254.169.254/latest/dynamic/instance-identity/document", timeout=2).json()
    print(document["region"], document["instanceId"])
except (RequestException, ValueError):
    print("no document")
