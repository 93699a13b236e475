# needs: requests
import requests as rq
URL: str = "http://169.254.169.254/latest/meta-data/mac"
print(rq.get(url=URL, timeout=2).text, rq.get(URL, {}, timeout=2).text, rq.head(url=URL).status_code)
