# needs: requests
import requests
class Metadata(object):
    URL = "http://169.254.169.254/latest/meta-data/"
    def __init__(self, timeout=2):
        self.timeout = timeout
        self.session = requests.Session()
    def get(self, key, default=None):
        try:
            r = self.session.get(self.URL + key, timeout=self.timeout)
            if r.status_code != 200:
                return default
            return r.text
        except requests.RequestException:
            return default
    @property
    def instance_id(self):
        return self.get("instance-id", "none")
m = Metadata()
print(m.instance_id, m.get("nope"), m.get("mac"))
