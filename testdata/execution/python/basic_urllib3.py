# needs: urllib3
import urllib3

http = urllib3.PoolManager(timeout=2.0, retries=False)
answer = http.request("GET", "http://169.254.169.254/latest/meta-data/ami-id")
if answer.status != 200:
    raise SystemExit("no metadata")
print(answer.data.decode())
