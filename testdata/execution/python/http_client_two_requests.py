from http.client import HTTPConnection, HTTPException

c = HTTPConnection("169.254.169.254", timeout=2)
try:
    c.request("GET", "/latest/meta-data/instance-id")
    print(c.getresponse().read().decode())
    c.request(method="GET", url="/latest/meta-data/mac")
    r = c.getresponse()
    print(r.status, r.read().decode())
except (OSError, HTTPException) as error:
    print("failed")
