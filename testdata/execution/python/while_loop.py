# needs: requests
import requests, time
n = 0
while True:
    r = requests.get("http://169.254.169.254/latest/meta-data/spot/instance-action", timeout=2)
    n += 1
    if r.status_code == 404 or n > 2:
        print("no interruption" if r.status_code == 404 else "?", n)
        break
    time.sleep(0.1)
