try:
    from urllib.request import urlopen, Request
    from urllib.error import URLError
except ImportError:
    from urllib2 import urlopen, Request, URLError
def md(p):
    try:
        return urlopen(Request("http://169.254.169.254/latest/meta-data/" + p), timeout=2).read().decode("utf-8")
    except URLError:
        return ""
print(md("instance-id") or "none")
try:
    print(urlopen("http://169.254.169.254/latest/meta-data/mac").read().decode())
except URLError as e:
    print("err")
