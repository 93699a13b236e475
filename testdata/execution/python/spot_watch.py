# needs: requests
import time, requests, signal
stop = False
def handler(*a):
    global stop
    stop = True
checks = 0
while not stop:
    checks += 1
    try:
        resp = requests.get("http://169.254.169.254/latest/meta-data/spot/termination-time", timeout=1)
        if resp.status_code == 404:
            print("not marked")
        else:
            print("marked", resp.status_code)
            break
    except requests.exceptions.ConnectionError as e:
        print("conn")
    if checks >= 2: handler()
    time.sleep(0.01)
print(checks)
