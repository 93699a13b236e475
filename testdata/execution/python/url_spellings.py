# needs: requests
# -*- coding: utf-8 -*-
import requests
# Überprüfung → http://169.254.169.254/latest/meta-data/
größe = requests.get(u"http://169.254.169.254/latest/meta-data/mac").text; print(größe, "→")
print("é", requests.get(r'http://169.254.169.254/latest/meta-data/mac').text)
print(requests.get("""http://169.254.169.254/latest/meta-data/mac""").text)
print(requests.get("http://169.254.169.254/latest/meta-data/" "mac").text)
print(requests.get("http://" + "169.254.169.254" + "/latest/meta-data/mac").text)
print(requests.get("/".join(["http://169.254.169.254", "latest", "meta-data", "mac"])).text)
from urllib.parse import urljoin
print(requests.get(urljoin("http://169.254.169.254/latest/meta-data/", "mac")).text)
print(requests.get("http://%(h)s/latest/meta-data/%(k)s" % {"h": "169.254.169.254", "k": "mac"}).text)
print(requests.get("http://169.254.169.254/{}/meta-data/{k}".format("latest", k="mac")).text)
host, path = "169.254.169.254", "latest/meta-data/mac"
print(requests.get(f"http://{host}/{path}").text)
print(requests.get("http://169.254.169.254/2021-07-15/meta-data/mac").status_code in (200, 404, 403))
