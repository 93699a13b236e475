# needs: requests
import requests
n = 0
while requests.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).status_code == 200 and n < 2:
    n += 1
print(n)
