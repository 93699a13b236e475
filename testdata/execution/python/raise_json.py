# needs: requests
import requests, sys
try:
    doc = requests.get("http://169.254.169.254/latest/dynamic/instance-identity/document", timeout=2).json()
except ValueError:
    sys.exit("bad document")
print(doc.get("region"))
