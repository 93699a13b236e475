# needs: requests
import requests
def meta(path, attempts=2):
    for i in range(attempts):
        try:
            r = requests.get("http://169.254.169.254/latest/meta-data/" + path, timeout=1)
            if r.status_code == 200:
                return r.text
        except requests.exceptions.RequestException as e:
            continue
    return None
print(meta("instance-id"), meta("nope"))
