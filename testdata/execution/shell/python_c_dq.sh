#!/bin/bash
# needs: curl
python3 -c "import urllib.request; print(urllib.request.urlopen('http://169.254.169.254/latest/meta-data/mac').read().decode())"
