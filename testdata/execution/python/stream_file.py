# needs: requests
import requests
with requests.get("http://169.254.169.254/latest/user-data", stream=True, timeout=2) as r:
    r.raise_for_status()
    with open("ud", "wb") as f:
        for chunk in r.iter_content(1024):
            f.write(chunk)
print(open("ud").read())
