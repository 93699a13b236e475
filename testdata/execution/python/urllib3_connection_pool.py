# needs: urllib3
from urllib3 import HTTPConnectionPool

pool = HTTPConnectionPool("169.254.169.254", maxsize=1)
r = pool.request("GET", "/latest/meta-data/ami-id")
print(r.data.decode() if r.status == 200 else "none")
