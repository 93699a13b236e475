# needs: httpx
import httpx

try:
    with httpx.Client(base_url="http://169.254.169.254/latest", timeout=2) as client:
        r = client.get("/meta-data/instance-id")
        r.raise_for_status()
        print(r.text)
        print(client.get("meta-data/mac", headers={"Accept": "text/plain"}).text)
except httpx.HTTPError as error:
    print("failed", type(error).__name__)
