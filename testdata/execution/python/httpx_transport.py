# needs: httpx
import httpx
transport = httpx.HTTPTransport(retries=1)
with httpx.Client(transport=transport, headers={"X": "y"}) as client:
    def g(p):
        try:
            return client.get("http://169.254.169.254/latest/meta-data/" + p).raise_for_status() and None
        except httpx.HTTPStatusError as e:
            return e.response.status_code
    print(g("nope"))
    r = client.request("GET", "http://169.254.169.254/latest/meta-data/mac", timeout=httpx.Timeout(3.0, connect=1.0))
    print(r.status_code, r.text)
    req = client.build_request("GET", "http://169.254.169.254/latest/meta-data/mac")
    print(client.send(req).status_code)
