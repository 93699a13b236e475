# needs: requests
import requests
def gen():
    for k in ("mac", "ami-id"):
        yield k, requests.get("http://169.254.169.254/latest/meta-data/" + k).text
print(dict(gen()))
total = sum(len(requests.get("http://169.254.169.254/latest/meta-data/" + k).text) for k in ("mac", "ami-id"))
print(total > 3)
any_ok = any(requests.get("http://169.254.169.254/latest/meta-data/" + k).ok for k in ["nope", "mac"])
print(any_ok)
try:
    r = requests.get("http://169.254.169.254/latest/meta-data/mac")
except requests.ConnectionError:
    r = None
finally:
    print("done")
if r is not None and r.status_code == 200: print(r.text)
else: print("no")
match = {True: "yes", False: "no"}[requests.get("http://169.254.169.254/latest/meta-data/mac").ok]
print(match)
x, y = requests.get("http://169.254.169.254/latest/meta-data/mac").text, requests.get("http://169.254.169.254/latest/meta-data/ami-id").text
print(x, y)
(print)(requests.get("http://169.254.169.254/latest/meta-data/mac").reason)
a = b = requests.get("http://169.254.169.254/latest/meta-data/mac"); print(a is b)
z: str = requests.get("http://169.254.169.254/latest/meta-data/mac").text
print(z); z += requests.get("http://169.254.169.254/latest/meta-data/mac").text; print(z)
print(not requests.get("http://169.254.169.254/latest/meta-data/mac").ok, requests.get("http://169.254.169.254/latest/meta-data/mac").status_code == 200)
print(len(requests.get("http://169.254.169.254/latest/meta-data/mac").content) if True else 0)
