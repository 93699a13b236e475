# needs: requests
import requests
H = {"Accept": "text/plain"}
print(requests.get("http://169.254.169.254/latest/meta-data/mac", headers=H, timeout=2).text)
kw = {"timeout": 2}
print(requests.get("http://169.254.169.254/latest/meta-data/mac", **kw).text)
print(requests.request("GET", "http://169.254.169.254/latest/meta-data/mac", timeout=2, headers={"Accept": "*/*"}).text)
print(requests.request(method="get", url="http://169.254.169.254/latest/meta-data/mac").text)
