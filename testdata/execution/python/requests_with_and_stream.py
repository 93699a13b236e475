# needs: requests
import requests

with requests.get("http://169.254.169.254/latest/user-data", stream=True, timeout=2) as response:
    if response.status_code == 200:
        for line in response.iter_lines():
            print("user data:", line.decode())
    else:
        print("no user data")
