import urllib.request, urllib.error, socket
def fetch(path):
    try:
        return urllib.request.urlopen("http://169.254.169.254/latest/meta-data/" + path, timeout=2).read().decode("ascii")
    except urllib.error.HTTPError as e:
        return "http %d" % (e.code // 100)
    except (urllib.error.URLError, socket.timeout):
        return "down"
print(fetch("instance-id"), fetch("nothing-here"))
