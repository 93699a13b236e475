# needs: requests
import requests, time
def wait(url="http://169.254.169.254/latest/meta-data/spot/instance-action", n=2):
    while n:
        r = requests.get(url, timeout=1)
        if r.status_code == 404: print("none yet")
        elif r.status_code == 200: print(r.json()); return
        else: print("odd"); return
        n -= 1
        time.sleep(.01)
wait()
def loop():
    for _ in range(2):
        try:
            resp = requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=1)
        except requests.Timeout:
            continue
        if not resp.ok:
            continue
        return resp.text
print(loop())
