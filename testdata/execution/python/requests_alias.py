# needs: requests
import requests as rq


class Instance:
    base = "http://169.254.169.254/latest"

    def __init__(self, timeout=2):
        self.timeout = timeout

    def _get(self, path):
        r = rq.get("%s/meta-data/%s" % (self.base, path), timeout=self.timeout)
        r.raise_for_status()
        return r.text

    @property
    def id(self):
        return self._get("instance-id")

    @property
    def region(self):
        return self._get("placement/region")


print(Instance().id)
print(Instance(timeout=1).region)
