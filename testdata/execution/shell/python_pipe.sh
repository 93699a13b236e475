#!/bin/bash
# needs: curl
curl -s http://169.254.169.254/latest/dynamic/instance-identity/document | python3 -c 'import json,sys
try: print(json.load(sys.stdin)["region"])
except ValueError: print("none")'
python3 <<EOP
import urllib.request
for k in ["mac", "ami-id"]:
    print(urllib.request.urlopen("http://169.254.169.254/latest/meta-data/" + k, timeout=2).read().decode())
EOP
