#!/bin/bash
# needs: curl
i=0
until curl -sf http://169.254.169.254/latest/meta-data/ami-id >/dev/null 2>&1; do
    i=$((i + 1))
    if [ "$i" -gt 2 ]; then
        break
    fi
done
echo "tries $i"
