# needs: requests
import os
import urllib.request

import requests

HOST = os.environ.get("METADATA_HOST", "169.254.169.254")
ROOT = os.getenv("METADATA_ROOT") or "http://169.254.169.254/latest/meta-data"


class Metadata:
    def __init__(self, host="169.254.169.254", port=80):
        self.host, self.port = host, port

    def get(self, key):
        r = requests.get("http://%s:%d/latest/meta-data/%s" % (self.host, self.port, key), timeout=2)
        return r.text if r.status_code == 200 else r.status_code


def fetch(key, base="http://169.254.169.254/latest/meta-data/"):
    return requests.get(base + key, timeout=2).ok


def region(root=ROOT):
    return requests.get("{0}/{1}".format(root, "placement/region"), timeout=2).status_code


def type_of_instance():
    try:
        return urllib.request.urlopen(f"http://{HOST}/latest/meta-data/instance-type", timeout=2).read()
    except urllib.error.HTTPError as e:
        return e.code


print(Metadata().get("instance-id"), fetch("instance-id"), region(), type_of_instance())
print(requests.get("http://" + HOST + "/latest/meta-data/hostname", timeout=2).status_code)
