# needs: requests
import requests

imds_token = "mine"
TOKEN = "theirs"


def show():
    imds_token_2 = requests.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).text
    return imds_token_2


print(show(), imds_token, TOKEN)
