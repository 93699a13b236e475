# needs: urllib3
import urllib3, json
http = urllib3.PoolManager()
r = http.request("GET", "http://169.254.169.254/latest/dynamic/instance-identity/document", timeout=2.0, retries=1)
print(json.loads(r.data.decode("utf-8"))["region"], r.status)
