from urllib.request import urlopen
from urllib.error import URLError
import json

try:
    region = json.loads(urlopen("http://169.254.169.254/latest/dynamic/instance-identity/document").read())["region"]
except (URLError, ValueError):
    region = "us-east-1"
print(region)


def instance_type():
    return urlopen("http://169.254.169.254/latest/meta-data/instance-type", timeout=1).read().decode()


try:
    print(instance_type())
except URLError:
    print("?")
