# needs: requests
import requests
r = requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=2)
mac = r.text if r.ok else None
rs = [requests.get("http://169.254.169.254/latest/meta-data/%s" % k, timeout=2) for k in ("ami-id", "nope")]
print(mac, [x.status_code for x in rs if x.ok])
