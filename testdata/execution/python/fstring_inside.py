# needs: requests
import requests
B = "http://169.254.169.254/latest/meta-data"
print(f"mac={requests.get(f'{B}/mac', timeout=2).text} id={requests.get(B + '/instance-id').text!r}")
