# needs: requests
import os, requests
os.environ["http_proxy"] = "http://127.0.0.1:9"
print(requests.get("http://169.254.169.254/latest/meta-data/mac", proxies={"http": None}, timeout=2).text)
s = requests.session()
s.trust_env = False
print(s.get("http://169.254.169.254/latest/meta-data/mac", timeout=2).text)
