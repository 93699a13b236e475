# needs: requests
import requests
_session = requests.Session()
_BASE = "http://169.254.169.254/latest/meta-data/"
def tag(name):
    r = _session.get(_BASE + "tags/instance/" + name, timeout=2)
    return r.text if r.status_code == 200 else ""
print(tag("Name"), tag("Vendor"), tag("Nope"))
