# needs: requests
import multiprocessing.dummy, requests
def f(k):
    return k, requests.get("http://169.254.169.254/latest/meta-data/{0}".format(k), timeout=2).text
print(multiprocessing.dummy.Pool(2).map(f, ["mac", "ami-id"]))
