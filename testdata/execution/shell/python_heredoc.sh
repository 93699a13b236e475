#!/bin/bash
# needs: curl
python3 - <<'PY'
import json, urllib.request
d = json.loads(urllib.request.urlopen("http://169.254.169.254/latest/dynamic/instance-identity/document", timeout=2).read())
print(d["region"])
PY
