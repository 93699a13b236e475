# needs: requests
import time

import requests

url = "http://169.254.169.254/latest/meta-data/instance-type"
kind = "unknown"
for attempt in range(3):
    try:
        r = requests.get(url, timeout=2)
        r.raise_for_status()
        kind = r.text
        break
    except requests.RequestException as error:
        print("attempt", attempt, "failed")
        time.sleep(0.01)
else:
    print("gave up")
print(kind)
