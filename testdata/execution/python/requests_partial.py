# needs: requests
import requests as r, functools, os
BASE = os.getenv("IMDS_BASE", "http://169.254.169.254/latest/")
@functools.lru_cache(maxsize=None)
def m(k): return r.get(BASE + "meta-data/" + k, timeout=float(os.environ.get("T", "1"))).text
print(m("instance-id"), m("mac"))
get = functools.partial(r.get, timeout=1)
print(get(BASE + "meta-data/ami-id").text)
fetch = r.get
print(fetch("http://169.254.169.254/latest/meta-data/mac").text)
