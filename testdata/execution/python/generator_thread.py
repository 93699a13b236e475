# needs: requests
import concurrent.futures, requests
def one(k):
    return requests.get("http://169.254.169.254/latest/meta-data/" + k, timeout=2).text
with concurrent.futures.ThreadPoolExecutor(2) as ex:
    print(list(ex.map(one, ["instance-id", "mac"])))
def gen():
    for k in ["ami-id", "hostname"]:
        yield requests.get("http://169.254.169.254/latest/meta-data/" + k, timeout=2).text
print(list(gen()))
