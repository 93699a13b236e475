# needs: requests
import requests
def on_ec2():
    try:
        requests.get("http://169.254.169.254/latest/meta-data/", timeout=0.5).raise_for_status()
        return True
    except Exception:
        return False
print(on_ec2())
