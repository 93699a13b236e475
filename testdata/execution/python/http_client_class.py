import http.client, json
def get(path):
    conn = http.client.HTTPConnection("169.254.169.254", 80, timeout=2)
    try:
        conn.request("GET", path)
        resp = conn.getresponse()
        body = resp.read()
        if resp.status != 200:
            raise KeyError(path)
        return body.decode()
    finally:
        conn.close()
try:
    print(get("/latest/meta-data/instance-id"))
    print(json.loads(get("/latest/dynamic/instance-identity/document"))["region"])
except (OSError, KeyError):
    print("off")
