import json
import urllib.request
with urllib.request.urlopen("http://169.254.169.254/latest/dynamic/instance-identity/document") as f:
    doc = json.load(f)
print(doc["region"])
