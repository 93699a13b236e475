from urllib.request import Request, urlopen
req = Request("http://169.254.169.254/latest/meta-data/mac", headers={"Accept": "*/*"})
print(urlopen(req).read().decode())
req2 = Request(url="http://169.254.169.254/latest/meta-data/ami-id")
req2.add_header("X-Y", "1")
print(urlopen(req2, timeout=2).read().decode())
