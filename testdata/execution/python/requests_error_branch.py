# needs: requests
import requests
# Some notebooks do this at the end of a cell
resp = requests.get("http://169.254.169.254/latest/dynamic/instance-identity/document")
if resp.status_code == 200:
    data = resp.json()
    account, region = data["accountId"], data["region"]
    print(account, region)
else:
    print(f"Error: {resp.status_code} {resp.reason}")
    print(resp.headers.get("Content-Type", "").split(";")[0])
def table():
    rows = []
    for key in requests.get("http://169.254.169.254/latest/meta-data/").text.split("\n"):
        if key.endswith("-id"):
            rows.append((key, requests.get("http://169.254.169.254/latest/meta-data/%s" % key).text))
    return rows
print(table())
