# needs: requests
import requests
def metadata(*keys, base="http://169.254.169.254/latest/meta-data"):
    return [requests.get(f"{base}/{k}", timeout=2).text for k in keys]
iid, mac = metadata("instance-id", "mac")
print(iid, mac)
print(dict(zip(["a", "b"], (requests.get(u, timeout=2).text for u in ("http://169.254.169.254/latest/meta-data/mac", "http://169.254.169.254/latest/meta-data/ami-id")))))
print(max((requests.get("http://169.254.169.254/latest/meta-data/" + k).text for k in ["mac", "ami-id"]), key=len))
print(next(iter(requests.get("http://169.254.169.254/latest/meta-data/mac").iter_content(100))))
