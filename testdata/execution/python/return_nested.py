# needs: requests
import requests, json
def creds():
    base = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
    return requests.get(base + requests.get(base, timeout=2).text, timeout=2).json()
def zone(): return requests.get('http://169.254.169.254/latest/meta-data/placement/availability-zone', timeout=1).text
c = creds()
print(c["AccessKeyId"], zone())
