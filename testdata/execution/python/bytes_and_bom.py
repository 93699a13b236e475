import urllib.request
r = urllib.request.urlopen("http://169.254.169.254/latest/meta-data/public-hostname", timeout=2)  # café → 😀
print("é→", r.status, r.read().decode("utf8"))
