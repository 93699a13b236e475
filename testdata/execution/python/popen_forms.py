# needs: curl
import os, time
def floating():
    floating = os.popen('curl -sf http://169.254.169.254/2009-04-04/meta-data/public-ipv4').read()
    return floating.rstrip() if floating else '0.0.0.0'
print(floating() == '0.0.0.0')
print({'status': 'healthy', 'instance': os.popen('curl -sf http://169.254.169.254/latest/meta-data/instance-id 2>/dev/null').read().strip() or 'unknown'})
i=c=os.popen('curl -sf http://169.254.169.254/latest/meta-data/mac/').read()
print(len(i) >= 0)
p = os.popen('curl -sf http://169.254.169.254/latest/meta-data/instance-id');
instanceid = p.read()
print(instanceid, p.close() is None)
