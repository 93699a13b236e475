# needs: requests
import requests


def running_on_aws():
    try:
        return requests.head("http://169.254.169.254/latest/meta-data/", timeout=0.5).status_code == 200
    except requests.exceptions.ConnectionError:
        return False


print("aws" if running_on_aws() else "elsewhere")
