# needs: requests
from concurrent.futures import ThreadPoolExecutor

import requests

KEYS = ["instance-id", "instance-type", "ami-id"]


def fetch(key):
    return key, requests.get("http://169.254.169.254/latest/meta-data/{}".format(key), timeout=2).text


with ThreadPoolExecutor(2) as pool:
    for key, value in pool.map(fetch, KEYS):
        print(key, value)
print(list(map(lambda k: requests.get("http://169.254.169.254/latest/meta-data/" + k).text, KEYS)))
