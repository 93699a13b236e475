# needs: requests
import os, requests
if os.environ.get("FOO"):
    print("foo")
elif requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=2).ok:
    print("ec2")
else:
    print("no")
