#!/bin/bash
# needs: curl
# Ends when the service says that there is no notice any more.
tries=0
while true; do
    if curl -sf http://169.254.169.254/latest/meta-data/spot/instance-action >/dev/null; then
        echo "going away"
        break
    fi
    tries=$((tries + 1))
    [ $tries -ge 3 ] && break
    sleep 0.1
done
echo "$tries tries"
