import http.client
HOST, PORT = "169.254.169.254", 80
conn = http.client.HTTPConnection(HOST, PORT, timeout=2)
conn.request("GET", "/latest/meta-data/placement/region", headers={"Accept": "*/*"})
res = conn.getresponse()
print(res.status // 100 == 2 and res.read().decode())
