# needs: requests
import requests; r = requests.get("http://169.254.169.254/latest/meta-data/mac"); print(r.text)
if True: print(requests.get("http://169.254.169.254/latest/meta-data/ami-id").text)
