# needs: requests
import requests, os
try:
    MAC = os.environ["MAC_X"]
except KeyError:
    MAC = requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=2).text
IID = os.environ.get("IID_X") or requests.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).text
AMI = os.environ.get("AMI_X", requests.get("http://169.254.169.254/latest/meta-data/ami-id", timeout=2).text)
print(MAC, IID, AMI)
TYPE = None
if TYPE is None and (resp := requests.get("http://169.254.169.254/latest/meta-data/instance-type", timeout=2)).ok:
    TYPE = resp.text
print(TYPE)
