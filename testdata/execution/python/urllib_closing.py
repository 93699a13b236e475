from urllib.request import Request, urlopen
from urllib.error import HTTPError
from contextlib import closing
def get(key):
    with closing(urlopen(Request(f"http://169.254.169.254/latest/meta-data/{key}"), timeout=2)) as f:
        return f.read().decode()
try:
    print(get("instance-id"))
    data = urlopen(Request(
        "http://169.254.169.254/latest/meta-data/mac",
        headers={
            "Accept": "text/plain",
        },
    ), timeout=2).read()
    print(data)
except HTTPError as e:
    print(e.code, e.read())
