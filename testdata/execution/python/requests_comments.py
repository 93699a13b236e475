# needs: requests
import requests

def probe():
    # first http://169.254.169.254/latest/meta-data/ then give up
    r = requests.get('http://169.254.169.254/latest/meta-data/', timeout=0.5)   # quick
    if r.status_code == requests.codes['ok']: return 'aws'
    return 'other'
print(probe())
print(requests.get('http://169.254.169.254/latest/meta-data/instance-id',  # where
                   timeout=1  # one second
                   ).text)
print(requests.get(
    # comment first
    'http://169.254.169.254/latest/meta-data/mac'
    # comment last
).text)
print(requests.get('http://169.254.169.254'
                   '/latest/meta-data/'
                   'ami-id', timeout=1,).text)
print(requests \
      .get('http://169.254.169.254/latest/meta-data/mac') \
      .text)
