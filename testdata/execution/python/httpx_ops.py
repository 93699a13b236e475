# needs: httpx
import httpx
try:
    r = httpx.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=2)
    r.raise_for_status()
    print(r.text)
    with httpx.Client(base_url="http://169.254.169.254/latest", timeout=2.0) as c:
        print(c.get("/meta-data/mac").text)
except httpx.HTTPError:
    print("n/a")
