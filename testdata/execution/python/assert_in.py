# needs: requests
import requests
text = requests.get("http://169.254.169.254/latest/meta-data/", timeout=2).text
if "instance-id" in text.splitlines():
    print("aws")
for line in requests.get("http://169.254.169.254/latest/meta-data/placement/", timeout=2).iter_lines():
    print(line.decode())
