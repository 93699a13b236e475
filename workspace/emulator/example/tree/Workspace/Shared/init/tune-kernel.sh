#!/bin/sh
# No metadata here.
sysctl -w vm.max_map_count=262144
