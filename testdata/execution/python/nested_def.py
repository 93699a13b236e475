# needs: requests
import requests
def outer(key):
    base = "http://169.254.169.254/latest/meta-data/"
    def inner():
        nonlocal key
        key = key.strip()
        return requests.get(base + key, timeout=2)
    r = inner()
    return r.text if r else None
print(outer(" mac "))
