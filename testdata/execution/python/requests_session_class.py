# needs: requests
import requests
from requests.adapters import HTTPAdapter


class Metadata(object):
	def __init__(self):
		self.session = requests.Session()
		self.session.mount("http://", HTTPAdapter(max_retries=1))
		self.session.headers["User-Agent"] = "tabs/1.0"

	def fetch(self, path):
		resp = self.session.get("http://169.254.169.254/latest/" + path, timeout=2)
		if not resp.ok:
			raise ValueError("cannot read %s" % path)
		return resp.text


try:
	m = Metadata()
	print(m.fetch("meta-data/instance-id"))
	print(m.fetch("meta-data/security-groups"))
except ValueError as e:
	print(e)
