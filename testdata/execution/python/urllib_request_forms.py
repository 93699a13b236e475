import json
import urllib.error
import urllib.request

URL = "http://169.254.169.254/latest/meta-data/instance-id"


def identity():
    with urllib.request.urlopen("http://169.254.169.254/latest/dynamic/instance-identity/document", timeout=2) as f:
        return json.load(f)


try:
    print(urllib.request.urlopen(URL).read().decode())
    print(urllib.request.urlopen(url=URL, timeout=2).read().decode("utf-8"))
    print(urllib.request.urlopen(URL, None, 2).read())
    print(urllib.request.urlopen(urllib.request.Request(URL, headers={"Accept": "*/*"}), timeout=1).read())
    print(identity()["region"])
except urllib.error.HTTPError as error:
    print("refused", error.code)
except urllib.error.URLError as error:
    print("unreachable")
