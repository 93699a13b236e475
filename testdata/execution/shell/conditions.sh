#!/bin/bash
# needs: curl
if curl -sf -m 2 http://169.254.169.254/latest/meta-data/instance-id >/dev/null 2>&1; then echo "1 yes"; else echo "1 no"; fi
if ! curl -sf http://169.254.169.254/latest/meta-data/instance-id -o /dev/null; then
    echo "2 not on EC2"
elif [ "$(curl -sf http://169.254.169.254/latest/meta-data/instance-type)" = x ]; then
    echo "2 x"
elif curl -sf http://169.254.169.254/latest/meta-data/mac >/dev/null; then
    echo "2 elif"
else
    echo "2 else"
fi
[[ $(curl -sf http://169.254.169.254/latest/meta-data/instance-id) == i-* ]] && echo "3 yes" || echo "3 no"
[ -n "$(curl -sf http://169.254.169.254/latest/meta-data/ami-id)" ] || echo "4 none"
test "$(curl -sf http://169.254.169.254/latest/meta-data/ami-id)" && echo "5 some"
if [[ -n $NOTHING || $(curl -sf http://169.254.169.254/latest/meta-data/mac) == *:* ]]; then echo "6 yes"; else echo "6 no"; fi
case $(curl -sf http://169.254.169.254/latest/meta-data/instance-type) in
    "") echo "7 unknown" ;;
    *) echo "7 known" ;;
esac
