try:
    import urllib2
except ImportError:
    import urllib.request as urllib2
req = urllib2.Request("http://169.254.169.254/latest/meta-data/mac")
print(urllib2.urlopen(req, timeout=2).read().decode())
