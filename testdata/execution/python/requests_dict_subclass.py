# needs: requests
import requests
class Meta(dict):
    ROOT = 'http://169.254.169.254/latest/meta-data/'
    def __missing__(self, key):
        value = self[key] = requests.get(self.ROOT + key, timeout=1).text
        return value
    def walk(self, path=''):
        for line in requests.get(self.ROOT + path).text.splitlines():
            if not line.endswith('/'):
                yield path + line
m = Meta()
print(m['instance-id'] if len(m['instance-id']) < 12 else 'x')
print([k for k in m.walk() if k == 'instance-id'])
