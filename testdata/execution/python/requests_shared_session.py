# needs: requests
import requests
from requests.packages.urllib3.util.retry import Retry
from requests.adapters import HTTPAdapter
def session():
    s = requests.Session()
    s.mount('http://', HTTPAdapter(max_retries=Retry(total=2, backoff_factor=0.01, status_forcelist=[500])))
    return s
S = session()
def imds(path): return S.get(f'http://169.254.169.254/latest/{path}', timeout=1)
try:
    print(imds('meta-data/instance-id').text if imds('meta-data/instance-id').ok else 'no')
    print(imds('dynamic/instance-identity/document').json()['region'])
except (ValueError, requests.RequestException):
    print('bad')
