# needs: urllib3
import urllib3

http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=1.0, read=2.0))


def meta(path):
    r = http.request("GET", "http://169.254.169.254/latest/meta-data/" + path, retries=False)
    if r.status != 200:
        return None
    return r.data.decode("utf-8")


print(meta("instance-id"), meta("placement/region"))
r = http.request("GET", "http://169.254.169.254/latest/meta-data/mac", headers={"Accept": "text/plain"}, preload_content=False)
print(r.read() if r.status == 200 else b"none")
r.release_conn()
