import json, socket, urllib.request, urllib.error
def _imds(path, timeout=1):
    req = urllib.request.Request(url="http://169.254.169.254/latest/" + path, method="GET")
    with urllib.request.urlopen(req, timeout=timeout) as response:
        body = response.read().decode("utf-8")
    return body
def is_ec2():
    try:
        _imds("meta-data/instance-id")
    except (urllib.error.URLError, socket.timeout, ConnectionError):
        return False
    else:
        return True
if is_ec2():
    doc = json.loads(_imds("dynamic/instance-identity/document"))
    print({k: doc[k] for k in ("region", "instanceId")})
else:
    print("not ec2")
