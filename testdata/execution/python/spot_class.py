# needs: requests
import requests, json, time, os
class SpotWatcher:
    def __init__(self, interval=0.01, session=None):
        self.interval = interval
        self.session = session or requests.Session()
        self.url = "http://169.254.169.254/latest/meta-data/spot/instance-action"
        self.rounds = 0
    def poll(self):
        resp = self.session.get(self.url, timeout=1)
        if resp.status_code == 404:
            return None
        resp.raise_for_status()
        return resp.json()
    def run(self):
        while self.rounds < 2:
            self.rounds += 1
            try:
                action = self.poll()
            except requests.HTTPError as e:
                print("http", e.response.status_code); continue
            finally:
                time.sleep(self.interval)
            if action: print(action["action"]); return
        print("quiet")
SpotWatcher().run()
