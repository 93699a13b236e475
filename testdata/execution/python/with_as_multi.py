# needs: requests
import requests
with open("o", "w") as f, requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=2) as r:
    f.write(r.text)
print(open("o").read())
