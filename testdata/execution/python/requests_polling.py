# needs: requests
import requests, time
from datetime import datetime
URL = "http://169.254.169.254/latest/meta-data/instance-id"
s = requests.Session()
count = 0
while True:
    count += 1
    resp = s.get(URL, timeout=2)
    if resp.status_code == 200:
        print("got", resp.text)
        break
    if count > 2:
        print("giving up", resp.status_code)
        break
    time.sleep(0.05)
