from urllib import request

opener = request.build_opener(request.ProxyHandler({}))
opener.addheaders = [("User-Agent", "probe")]
try:
    print(opener.open("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).read().decode())
except OSError as error:
    print("failed")
