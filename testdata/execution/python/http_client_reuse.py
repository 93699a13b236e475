from http.client import HTTPConnection
c = HTTPConnection("169.254.169.254", timeout=3)
for p in ("instance-id", "mac"):
    c.request("GET", "/latest/meta-data/" + p)
    r = c.getresponse()
    print(r.status, r.read().decode()[:30])
