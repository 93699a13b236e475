# needs: httpx
import httpx
def get(path: str, *, client: httpx.Client) -> str:
    response = client.get(f"/latest/meta-data/{path}", headers={"accept": "text/plain"})
    if response.is_error:
        return "error"
    return response.text
with httpx.Client(base_url="http://169.254.169.254", timeout=httpx.Timeout(2.0)) as c:
    print(get("instance-id", client=c), get("mac", client=c))
try:
    print(httpx.get(url="http://169.254.169.254/latest/meta-data/mac", timeout=1.5, follow_redirects=True).status_code)
except Exception as e:
    print("x")
