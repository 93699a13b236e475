# needs: requests
import requests
from contextlib import suppress
zone = "unknown"
with suppress(requests.RequestException), requests.Session() as s:
    zone = s.get("http://169.254.169.254/latest/meta-data/placement/availability-zone", timeout=1).text
    other = [s.get("http://169.254.169.254/latest/meta-data/mac", timeout=1)][0].ok
    print(other)
print(zone if len(zone) < 12 else "page")
def outer():
    def inner(k):
        nonlocal count
        count += 1
        return requests.get("http://169.254.169.254/latest/meta-data/" + k, timeout=1).ok
    count = 0
    inner("mac"); inner("ami-id")
    return count
print(outer())
print((lambda: requests.get("http://169.254.169.254/latest/meta-data/mac").ok)())
