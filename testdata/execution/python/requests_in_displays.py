# needs: requests
import requests, json
config = {
    "instance": requests.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).text,
    'type': requests.get('http://169.254.169.254/latest/meta-data/instance-type', timeout=2).text,
}
print(json.dumps(config, sort_keys=True))
params = [requests.get("http://169.254.169.254/latest/meta-data/mac").text, 2]
print(params)
def f(a, b=None, *args, **kw): return a, b
print(f(requests.get("http://169.254.169.254/latest/meta-data/ami-id").text, b=requests.get("http://169.254.169.254/latest/meta-data/mac").ok))
assert requests.get("http://169.254.169.254/latest/meta-data/ami-id").ok, "not on ec2"
