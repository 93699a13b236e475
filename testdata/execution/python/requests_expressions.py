# needs: requests
import requests

BASE = "http://169.254.169.254/latest/meta-data"


def on_ec2(): return requests.get(BASE + "/instance-id", timeout=1).ok


cached = None
zone = cached or requests.get(BASE + "/placement/availability-zone", timeout=1).text
kind = "none" if not on_ec2() else requests.get(BASE + "/instance-type", timeout=1).text
fetch = lambda key: requests.get(f"{BASE}/{key}", timeout=1).text
values = {key: requests.get(f"{BASE}/{key}", timeout=1).text for key in ("mac", "ami-id")}
keys = [line for line in requests.get(BASE + "/", timeout=1).text.splitlines() if line.startswith("inst")]
print(f"zone {zone}, region {requests.get('http://169.254.169.254/latest/meta-data/placement/region').text}")
print(kind, fetch("local-hostname"), sorted(values.items()), keys)
if False:
    pass
elif requests.get(BASE + "/instance-id", timeout=1).status_code == 200:
    print("second branch")
tries = 0
while not requests.get(BASE + "/instance-id", timeout=1).ok and tries < 2:
    tries += 1
print(tries)
