# needs: requests
import requests
from requests.auth import HTTPBasicAuth
r = requests.get(
    "http://169.254.169.254/latest/meta-data/instance-id"
    , timeout = 1
    , headers = { 'Accept' : 'text/plain'
                , 'User-Agent' : 'x'
                }
    )
print ( r . text )
r = requests . get ( "http://169.254.169.254/latest/meta-data/mac" )
print(r.ok)
r=requests.get('http://169.254.169.254/latest/meta-data/ami-id',timeout=2,headers={'a':'b',});print(r.text)
if r.ok:print(requests.get('http://169.254.169.254/latest/meta-data/mac').ok)
for _ in[1]:x=requests.get('http://169.254.169.254/latest/meta-data/mac').ok;print(x)
def f():return(requests.get('http://169.254.169.254/latest/meta-data/mac').ok)
print(f())
def g():
  yield requests.get('http://169.254.169.254/latest/meta-data/mac').ok
  yield from requests.get('http://169.254.169.254/latest/meta-data/mac').iter_content(50)
print(len(list(g())))
