from urllib.request import urlopen
import json
region = json.loads(urlopen("http://169.254.169.254/latest/dynamic/instance-identity/document").read().decode("utf-8")).get("region")
zone = str(urlopen("http://169.254.169.254/latest/meta-data/placement/availability-zone", timeout=5).read(), "utf-8")[:-1]
print(region == zone, urlopen(url="http://169.254.169.254/latest/meta-data/mac").getcode())
