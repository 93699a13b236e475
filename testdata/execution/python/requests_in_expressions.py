# needs: requests
import requests
URL="http://169.254.169.254/latest/meta-data/"
class A:
    class B:
        @classmethod
        def k(cls, x=None): return requests.get(URL + (x or "mac")).ok
    def __init__(self): self.v = self.B.k()
    def __call__(self): 
        def inner():
            try:
                return requests.get(URL+"mac").ok
            finally:
                pass
        return inner()
    async def co(self): return requests.get(URL+"mac").ok
a = A(); print(a.v, a())
import asyncio; print(asyncio.run(a.co()))
with open("o","w") as f, requests.get(URL+"mac", stream=True) as r: f.write(r.text)
print(len(open("o").read()) > 2)
try:
    pass
except Exception: pass
else: print(requests.get(URL+"mac").ok)
global_x = lambda *a, **k: requests.get(URL + a[0], **k).ok
print(global_x("mac", timeout=2), global_x("mac", headers={"a": "b"}))
print([requests.get(URL + k).ok for k in ("mac", "ami-id") if requests.get(URL + k).ok])
print({requests.get(URL + k).ok: k for k in ["mac"]})
print(sorted([3, 1], key=lambda v: requests.get(URL + "mac").ok and v))
a = [requests.get(URL + "mac").ok, *[requests.get(URL + "mac").ok]]; print(a)
if requests.get(URL + "mac").ok and requests.get(URL + "ami-id").ok or requests.get(URL + "zzz").ok: print("and or")
while True:
    if not requests.get(URL + "mac").ok: print("no"); break
    else: print("yes"); break
print(1 < requests.get(URL + "mac").status_code < 300)
