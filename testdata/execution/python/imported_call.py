# needs: curl
from subprocess import call
def f():
    return call(["curl", "-sf", "http://169.254.169.254/latest/meta-data/mac"])
f()
g = lambda: call(["curl", "-sf", "http://169.254.169.254/latest/meta-data/ami-id"])
g()
