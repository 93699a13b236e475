#!/bin/bash
# needs: curl
get() {
    case $1 in
        id) curl -sf http://169.254.169.254/latest/meta-data/instance-id ;;
        type)
            curl -sf http://169.254.169.254/latest/meta-data/instance-type
            ;;
        *) echo "what is $1" ;;
    esac
}
get id && echo " ok"
get type || echo "no type"
get else
