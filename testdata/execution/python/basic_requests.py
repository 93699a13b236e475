# needs: requests
import requests

instance_id = requests.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).text
print("instance", instance_id)
