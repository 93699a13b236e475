# needs: requests
import requests
r = requests.get("http://169.254.169.254/latest/meta-data/nothing", timeout=2)
if r.status_code == 404:
    print("missing", r.reason)
elif r.status_code != 200:
    print("error")
else:
    print(r.text)
