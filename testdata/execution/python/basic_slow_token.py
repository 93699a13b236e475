# needs: requests
# timeout: yes
import requests

try:
    answer = requests.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=1)
    answer.raise_for_status()
    print("id", answer.text)
except requests.exceptions.Timeout:
    print("too slow")
except requests.exceptions.RequestException:
    print("no metadata")
