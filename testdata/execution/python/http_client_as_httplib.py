import http.client as httplib
import socket
def md(path):
    c = httplib.HTTPConnection(host="169.254.169.254", timeout=1)
    try:
        c.request("GET", "/latest/meta-data/" + path)
        r = c.getresponse()
        data = r.read()
        if r.status != 200:
            raise IOError("status %d" % r.status)
        return data.decode()
    except (socket.error, IOError) as e:
        return "none"
    finally: c.close()
print(md("instance-id"), md("mac"))
