# needs: requests
from requests import get, Session
from requests.exceptions import RequestException
try:
    print(get("http://169.254.169.254/latest/meta-data/mac", timeout=2).text)
    with Session() as s:
        print(s.get("http://169.254.169.254/latest/meta-data/ami-id").text)
        print(s.request("GET", "http://169.254.169.254/latest/meta-data/hostname").text)
except RequestException:
    print("none")
