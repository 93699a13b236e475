# needs: requests
import requests
ok = True
if ok: a = requests.get("http://169.254.169.254/latest/meta-data/instance-id").text; print(a)
b = 1; c = requests.get("http://169.254.169.254/latest/meta-data/ami-id").text; print(b, c)
for key in ("mac", "instance-type"): print(key, requests.get("http://169.254.169.254/latest/meta-data/" + key).text)
