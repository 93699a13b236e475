# needs: requests
from requests import *
r = get("http://169.254.169.254/latest/meta-data/instance-id", timeout=1)
print(r.text)
import requests.exceptions, requests.api
print(requests.api.get("http://169.254.169.254/latest/meta-data/mac").text)
from requests import Session
with Session() as sess:
    print(sess.get("http://169.254.169.254/latest/meta-data/mac").text)
print(Session().get("http://169.254.169.254/latest/meta-data/mac").text)
