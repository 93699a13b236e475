# needs: requests
import requests
URL = 'http://169.254.169.254/latest/meta-data/mac'
def f():
	try:
		r = requests.get(URL,
			timeout=2)
		r.raise_for_status()
		return r.text
	except requests.RequestException:
		return 'no'
print(f())