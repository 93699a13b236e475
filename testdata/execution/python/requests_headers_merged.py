# needs: requests
import requests

HEADERS = {"Accept": "text/plain", "User-Agent": "probe"}
URL = "http://169.254.169.254/latest/meta-data/"

print(requests.get(URL + "ami-id", headers=HEADERS, timeout=2).text)
print(requests.get(URL + "mac", headers={'Accept': 'text/plain'}, timeout=2).text)
print(
    requests.get(
        URL + "instance-type",
        headers={
            "Accept": "text/plain",
            "User-Agent": "probe",  # who asks
        },
        timeout=2,
    ).text
)
print(requests.get(URL + "placement/region", headers={}).text)
print(requests.get(URL + "local-ipv4", headers=None, timeout=2).text)
