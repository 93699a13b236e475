# needs: httpx
import httpx

response = httpx.get("http://169.254.169.254/latest/meta-data/instance-type", timeout=3)
print(response.text if response.status_code == 200 else "none")
response = httpx.request("GET", "http://169.254.169.254/latest/meta-data/mac")
print(response.text if response.is_success else "none")
