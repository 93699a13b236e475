#!/bin/bash
# needs: curl python3
python3 - <<'PY'
import urllib.request
print(urllib.request.urlopen("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).read().decode())
PY
python3 -c 'import urllib.request; print(urllib.request.urlopen("http://169.254.169.254/latest/meta-data/ami-id", timeout=2).read().decode())'
python3 -c "
import urllib.request
print(urllib.request.urlopen('http://169.254.169.254/latest/meta-data/mac', timeout=2).read().decode())
"
