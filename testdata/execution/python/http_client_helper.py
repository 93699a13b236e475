import http.client
import json


def get(path):
    conn = http.client.HTTPConnection("169.254.169.254", 80, timeout=2)
    try:
        conn.request("GET", path, headers={"Accept": "text/plain"})
        response = conn.getresponse()
        if response.status != 200:
            return None
        return response.read().decode()
    finally:
        conn.close()


print(get("/latest/meta-data/instance-id"))
document = get("/latest/dynamic/instance-identity/document")
print(json.loads(document)["accountId"] if document else "no document")
