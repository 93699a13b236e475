import urllib.request
import json

class MetadataClient:
    BASE = 'http://169.254.169.254/latest/'

    def __getitem__(self, key):
        with urllib.request.urlopen(self.BASE + 'meta-data/' + key, timeout=2) as r:
            return r.read().decode()

    def document(self, _cache=[]):
        if not _cache:
            _cache.append(json.load(urllib.request.urlopen(f'{self.BASE}dynamic/instance-identity/document', timeout=2)))
        return _cache[0]

c = MetadataClient()
try:
    print(c['instance-id'], c['mac'])
    print(c.document()['region'], c.document()['accountId'])
except urllib.error.HTTPError as e:
    print(e.code)
