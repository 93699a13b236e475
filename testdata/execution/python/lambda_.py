# needs: requests
import requests
get = lambda k: requests.get("http://169.254.169.254/latest/meta-data/" + k, timeout=2).text
print(get("instance-id"), get("placement/region"))
