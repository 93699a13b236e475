# needs: requests
import sys
import requests

METADATA_URL = "http://169.254.169.254/latest/meta-data/"


def get_metadata(key):
    """Value of a metadata key, None where there is none."""
    try:
        response = requests.get(METADATA_URL + key, timeout=1)
    except requests.exceptions.RequestException:
        return None
    if response.status_code != 200:
        return None
    return response.text


instance_id = get_metadata("instance-id")
if instance_id is None:
    print("not on EC2")
    sys.exit(3)
print(instance_id, get_metadata("placement/region"), get_metadata("no-such-key"))
