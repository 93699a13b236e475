# needs: requests
import requests
META = {
    "aws": {"url": "http://169.254.169.254/latest/meta-data/instance-id", "headers": {}},
}
for cloud, spec in META.items():
    r = requests.get(spec["url"], headers=spec["headers"], timeout=1)
    print(cloud, r.status_code)
def ask(path, **kw):
    kw.setdefault("timeout", 1)
    return requests.get("http://169.254.169.254/latest/" + path, **kw)
print(ask("meta-data/mac").text)
print(ask("meta-data/mac", headers={"Accept": "*/*"}).text)
class K:
    opts = {"timeout": 1}
    def go(self, **kwargs):
        self.opts.update(kwargs)
        return requests.get("http://169.254.169.254/latest/meta-data/ami-id", **self.opts).text
print(K().go(), K().go(headers={"A": "b"}))
