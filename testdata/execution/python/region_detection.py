# needs: requests
import requests, os
def detect():
    env = os.environ.get("AWS_REGION_X")
    if env: return env
    try:
        az = requests.get("http://169.254.169.254/latest/meta-data/placement/availability-zone", timeout=0.3)
        if az.status_code == 200 and az.text: return az.text[:-1]
    except requests.exceptions.RequestException: pass
    return "none"
REGION = detect()
print(REGION)
settings = {"region": REGION,
            "host": (requests.get("http://169.254.169.254/latest/meta-data/local-hostname", timeout=0.3).text
                     if REGION != "none" else "localhost")}
print(settings["host"])
