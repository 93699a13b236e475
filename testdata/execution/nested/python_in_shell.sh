#!/bin/bash
# needs: curl requests
# Python in words, here-strings and here-documents, at some depth.
python3 <<< 'import requests; r = requests.get("http://169.254.169.254/latest/meta-data/ami-id", timeout=2); print(r.text if r.ok else "none")' 2>/dev/null || echo none
sh -c "bash -c \"python3 -c 'import requests; r = requests.get(\\\"http://169.254.169.254/latest/meta-data/ami-id\\\", timeout=2); print(r.text if r.ok else 1 / 0)'\"" 2>/dev/null || echo none
bash <<'OUTER' || echo none
python3 - <<'INNER' 2>/dev/null
import requests
r = requests.get("http://169.254.169.254/latest/meta-data/instance-id", timeout=2)
r.raise_for_status()
print(r.text)
INNER
OUTER
