# needs: requests
import json, requests
print(json.loads(requests.get("http://169.254.169.254/latest/dynamic/instance-identity/document", timeout=2).text)["region"],
      len(requests.get("http://169.254.169.254/latest/user-data", timeout=2).text) > 0)
d = dict(mac=requests.get("http://169.254.169.254/latest/meta-data/mac").text, n=1)
print(d)
