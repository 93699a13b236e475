# needs: requests
import requests
U = "http://169.254.169.254/latest/meta-data/mac"
if not U: pass
else: r = requests.get(U); print(r.text);
a = 1; \
b = requests.get(U).text
print(a, b)
x = 5 + \
    len(requests.get(U).text)
print(x > 5)
def deco(t):
    def w(f): return f
    return w
@deco(requests.get(U).text)
@deco(1)
def f(t=requests.get(U).ok, *, k=(requests.get(U).status_code)): return t, k
print(f())
class A(object):
    mac = requests.get(U).text
    def m(self, u=U):
        return [requests.get(u).text for _ in range(2)]
    vals = sorted(requests.get(U).text)
    k = lambda s: requests.get(U).text
print(A.mac, A().m(), A().k(), len(A.vals))
match requests.get(U).status_code:
    case 200 if requests.get(U).ok:
        print("ok", requests.get(U).text)
    case _:
        print("bad")
if (n := len(requests.get(U).text)) > 1: print("n", n > 1)
while (r := requests.get(U)).status_code != 200:
    print("never"); break
with open("f.txt", "w") as fh: fh.write(requests.get(U).text)
print(open("f.txt").read())
g = (requests.get(U).text for _ in range(1))
print(list(g))
t = requests.get(U).text if requests.get(U).ok else requests.get(U).reason
print(t)
d = {**{"a": requests.get(U).text}}
print(d)
print(*[requests.get(U).text], sep="")
try: q = requests.get(U).text
except Exception: q = "err"
print(q)
for i, line in enumerate(requests.get(U).iter_lines()): print(i, line)
del r
assert True, requests.get(U).text
s = [requests.get(u).text for u in [U] if requests.get(u).ok]
print(s)
print(f"{requests.get(U).text!r:>10} {requests.get(f'{U}').status_code}")
