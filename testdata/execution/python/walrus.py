# needs: requests
import requests
if (r := requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=2)).ok:
    print("mac", r.text)
else:
    print("none")
