# needs: requests
import os

import requests

ENDPOINT = os.environ.get("IMDS_ENDPOINT", "http://169.254.169.254")


def meta(path, default="unknown"):
    r = requests.get(f"{ENDPOINT}/latest/meta-data/{path}", timeout=2)
    return r.text if r.status_code == 200 else default


print(meta("instance-id"))
print(meta("placement/region"))
