import urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
opener.addheaders = [("User-agent", "x/1")]
urllib.request.install_opener(opener)
print(opener.open("http://169.254.169.254/latest/meta-data/mac", timeout=2).read().decode())
print(urllib.request.urlopen("http://169.254.169.254/latest/meta-data/mac", None, 2).read().decode())
