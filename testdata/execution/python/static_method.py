import socket, urllib.request
class EC2(object):
    URL = "http://169.254.169.254/latest/meta-data"
    TIMEOUT = 0.5
    @staticmethod
    def get_metadata():
        metadata = {}
        socket_to = None
        try:
            socket_to = socket.getdefaulttimeout()
            socket.setdefaulttimeout(EC2.TIMEOUT)
        except Exception:
            pass
        for k in ('instance-id', 'mac', 'zzz'):
            try:
                v = urllib.request.urlopen(EC2.URL + "/" + str(k)).read().strip()
                assert type(v) is bytes
                metadata[k] = v
            except Exception:
                pass
        try:
            if socket_to is None: socket.setdefaulttimeout(3)
        except Exception:
            pass
        return metadata
print(EC2.get_metadata())
