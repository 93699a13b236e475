# needs: requests
import requests
TIMEOUT = 2
proxies = {"http": None, "https": None}
s = requests.session()
s.trust_env = False
resp = s.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=TIMEOUT, proxies=proxies, verify=False, allow_redirects=False)
print(resp.status_code, resp.text if resp else "-")
print(s.get("http://169.254.169.254/latest/user-data", params={"x": 1}, timeout=TIMEOUT).text.splitlines()[0])
opts = {"timeout": 1}
print(requests.get("http://169.254.169.254/latest/meta-data/mac", **opts).text)
args = ["http://169.254.169.254/latest/meta-data/mac"]
print(requests.get(*args).text)
