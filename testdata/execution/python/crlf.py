# needs: requests
import requests
def f():
    r = requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=2)
    return r.text
print(f())
