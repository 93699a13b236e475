# needs: requests
import requests

URL = "http://169.254.169.254/latest/meta-data/"
try:
    raise KeyError("cache")
except KeyError:
    print("handler", requests.get(URL + "instance-id", timeout=2).text)
finally:
    print("finally", requests.get(URL + "mac", timeout=2).ok)


def early(flag):
    if flag:
        return requests.get(URL + "ami-id", timeout=2).text
    else:
        return None


print(early(False), early(True))
