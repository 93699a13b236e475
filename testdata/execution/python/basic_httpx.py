# needs: httpx
import httpx

with httpx.Client(timeout=2.0) as client:
    answer = client.get("http://169.254.169.254/latest/meta-data/local-ipv4")
    answer.raise_for_status()
    print(answer.text)
