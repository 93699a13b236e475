# needs: requests
import requests
s = requests.Session()
s.headers = {"User-Agent": "x"}
H = {"A": "1"}
print(s.get("http://169.254.169.254/latest/meta-data/mac", headers={**H, "B": "2"}).text)
print(s.get("http://169.254.169.254/latest/meta-data/ami-id", headers=dict(H, C="3")).text)
