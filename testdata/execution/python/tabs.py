# needs: requests
import requests
def f():
	try:
		return requests.get('http://169.254.169.254/latest/meta-data/mac', timeout=1).text
	except Exception:
		return 'x'
print(f())
