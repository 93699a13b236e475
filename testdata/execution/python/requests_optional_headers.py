# needs: requests
import requests
HEADERS = {}
def get(path, headers=None, **kwargs):
    r = requests.get("http://169.254.169.254/latest/meta-data/" + path, headers=headers, timeout=2)
    return r.text
print(get("instance-id"))
print(get("mac", headers={"Accept": "*/*"}))
