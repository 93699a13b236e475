# needs: requests
import requests
r = requests.get(
    "http://169.254.169.254"
    "/latest/meta-data"
    "/instance-id",
    timeout=2,  # seconds
)
print(
    r.text,
    requests.get("http://169.254.169.254/latest/meta-data/mac",
                 timeout=2
                 ).text)
