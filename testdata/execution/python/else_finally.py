# needs: requests
import requests
try:
    r = requests.get("http://169.254.169.254/latest/meta-data/iam/info", timeout=2)
    r.raise_for_status()
except requests.exceptions.HTTPError as e:
    print("http", e.response.status_code >= 400)
except requests.exceptions.ConnectionError:
    print("conn")
else:
    print(r.json()["Code"])
finally:
    print("done")
