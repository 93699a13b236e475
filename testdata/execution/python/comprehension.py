# needs: requests
import requests
keys = ["instance-id", "mac", "ami-id"]
print({k: requests.get(f"http://169.254.169.254/latest/meta-data/{k}", timeout=2).text for k in keys})
print([requests.get("http://169.254.169.254/latest/meta-data/" + k).status_code for k in keys])
