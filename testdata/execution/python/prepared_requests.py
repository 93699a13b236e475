# needs: requests
import requests
s = requests.Session()
req = requests.Request("GET", "http://169.254.169.254/latest/meta-data/mac")
prep = s.prepare_request(req)
r = s.send(prep, timeout=2)
print(r.status_code, r.text)
p2 = requests.Request("GET", "http://169.254.169.254/latest/meta-data/ami-id", headers={"a": "b"}).prepare()
print(s.send(p2).text)
