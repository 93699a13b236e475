#!/bin/bash
# needs: curl
while IFS= read -r l; do echo "l: $l"; done < <(curl -sf http://169.254.169.254/latest/meta-data/placement/)
diff <(curl -sf http://169.254.169.254/latest/meta-data/local-hostname) <(curl -sf http://169.254.169.254/latest/meta-data/hostname) && echo same
