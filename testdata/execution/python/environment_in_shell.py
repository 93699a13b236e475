# needs: curl
import os
os.environ["IMDS"] = "http://169.254.169.254/latest/meta-data"
os.system("curl -sf $IMDS/instance-id; echo")
os.system('ID=`curl -sf "${IMDS}/mac"` && echo "mac $ID" || echo "no mac"')
ret = os.system("curl -sf http://169.254.169.254/latest/meta-data/ami-id > /dev/null")
print("reachable" if ret == 0 else "unreachable")
lines = os.popen("for k in mac ami-id; do curl -sf http://169.254.169.254/latest/meta-data/$k; echo; done").readlines()
print([l.strip() for l in lines])
