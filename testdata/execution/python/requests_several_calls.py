# needs: requests
import requests

instance_id = requests.get('http://169.254.169.254/latest/meta-data/instance-id').text
instance_type = requests.get('http://169.254.169.254/latest/meta-data/instance-type').text
zone = requests.get('http://169.254.169.254/latest/meta-data/placement/availability-zone').text
region = zone[:-1]
print(instance_id, instance_type, zone, region)
