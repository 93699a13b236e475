# needs: requests
import requests
b = requests.get("http://169.254.169.254/latest/meta-data/mac").content
print(len(b), b.decode("utf-8").split(":")[0])
print(requests.get("http://169.254.169.254/latest/meta-data/mac").headers["Content-Type"])
print(requests.get("http://169.254.169.254/latest/meta-data/placement/", timeout=3).text.split("\n")[0])
