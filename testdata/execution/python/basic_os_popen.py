# needs: curl
import os

region = os.popen("curl -sf http://169.254.169.254/latest/meta-data/placement/region").read()
print("region [%s]" % region)
