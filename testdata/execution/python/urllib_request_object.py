import urllib.request


def get(path):
    req = urllib.request.Request("http://169.254.169.254/latest/meta-data/" + path)
    req.add_header("Accept", "text/plain")
    try:
        with urllib.request.urlopen(req, timeout=2) as resp:
            return resp.read().decode()
    except OSError:
        return "n/a"


for path in ("instance-id", "mac", "no/such"):
    print(path, get(path))
