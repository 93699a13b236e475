# needs: requests
import functools
import requests


def retry(times):
    def wrap(f):
        @functools.wraps(f)
        def inner(*args, **kwargs):
            for _ in range(times):
                try:
                    return f(*args, **kwargs)
                except requests.RequestException:
                    pass
            return "failed"
        return inner
    return wrap


@retry(times=2)
def region():
    response = requests.get("http://169.254.169.254/latest/meta-data/placement/region", timeout=2)
    response.raise_for_status()
    return response.text


print(region())
