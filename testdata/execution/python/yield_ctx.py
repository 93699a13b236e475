# needs: requests
import contextlib, requests
@contextlib.contextmanager
def meta():
    s = requests.Session()
    try:
        yield lambda k: s.get("http://169.254.169.254/latest/meta-data/" + k, timeout=2).text
    finally:
        s.close()
with meta() as get:
    print(get("mac"))
