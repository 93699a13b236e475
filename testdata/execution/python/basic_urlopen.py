import urllib.error
import urllib.request

try:
    zone = urllib.request.urlopen(
        "http://169.254.169.254/latest/meta-data/placement/availability-zone", timeout=2
    ).read().decode()
except urllib.error.URLError:
    zone = "nowhere"
print("zone", zone)
