import http.client

connection = http.client.HTTPConnection("169.254.169.254", timeout=2)
connection.request("GET", "/latest/meta-data/instance-id")
answer = connection.getresponse()
if answer.status != 200:
    raise RuntimeError("no metadata")
print("id", answer.read().decode())
connection.close()
