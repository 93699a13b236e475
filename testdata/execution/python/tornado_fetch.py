# needs: tornado
from tornado import httpclient
client = httpclient.HTTPClient()
try:
    r = client.fetch("http://169.254.169.254/latest/meta-data/mac", request_timeout=2)
    print(r.body.decode())
except httpclient.HTTPError:
    print("none")
client.close()
