# needs: curl
import os, sys
rc = os.system("curl -sf http://169.254.169.254/latest/meta-data/instance-id > id.txt")
print(rc == 0, open("id.txt").read())
print(os.popen("curl -s -f http://169.254.169.254/latest/meta-data/mac 2>/dev/null").read().strip())
