# needs: requests
import requests, sys
x = requests.get("http://169.254.169.254/latest/meta-data/mac").text if len(sys.argv) < 5 else "none"
y = "cached" or requests.get("http://169.254.169.254/latest/meta-data/mac").text
print(x, y)
