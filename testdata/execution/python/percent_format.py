# needs: requests
import requests
HOST = "169.254.169.254"
for k in ("instance-id", "mac"):
    print(requests.get("http://%s/latest/meta-data/%s" % (HOST, k)).text)
print(requests.get("http://{}/latest/meta-data/{}".format(HOST, "ami-id")).text)
print(requests.get("/".join(["http://" + HOST, "latest", "meta-data", "hostname"])).content.decode())
