from urllib.parse import urljoin
from urllib.request import urlopen
class AWS:
    _metadata_url = 'http://169.254.169.254/latest/meta-data/'
    _instance_id_url = urljoin(_metadata_url, 'instance-id')
    _az_url = urljoin(_metadata_url, 'placement/availability-zone')
    @property
    def instance_id(self):
        with urlopen(self._instance_id_url) as fd:
            return fd.read(150).decode('utf8')
    @property
    def region(self):
        with urlopen(self._az_url) as fd:
            az = fd.read(150).decode('utf8')
            return az.rstrip('abc')
try:
    print(AWS().instance_id, AWS().region)
except OSError as e:
    print("failed")
