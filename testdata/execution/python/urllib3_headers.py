# needs: urllib3
import urllib3
pool = urllib3.HTTPConnectionPool("169.254.169.254", maxsize=1, timeout=2)
r = pool.request("GET", "/latest/meta-data/mac", headers={"Accept": "*/*"})
print(r.status, r.data.decode())
h = urllib3.PoolManager(headers={"User-Agent": "u"}, timeout=urllib3.Timeout(connect=1, read=2))
print(h.request("GET", url="http://169.254.169.254/latest/meta-data/ami-id").data)
