from urllib import request as urlreq
import contextlib, io
URL = "http://169.254.169.254/latest/meta-data/"
def read(path, default=None, timeout=1.0):
    try:
        with contextlib.closing(urlreq.urlopen(URL + path, timeout=timeout)) as fp:
            for line in io.TextIOWrapper(fp):
                return line.rstrip()
    except IOError:
        return default
print(read("instance-id"), read("zzz", "dflt"), read("mac"))
def stream():
    for line in urlreq.urlopen(URL + "mac"):
        yield line
try: print(list(stream()))
except IOError as e: print("io", getattr(e, "code", None))
