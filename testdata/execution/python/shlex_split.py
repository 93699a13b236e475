#!/usr/bin/python3
# needs: curl
# Tags volumes. Usage: tag.py
import os, shlex, subprocess
def call(cmd):
    """Runs a command."""
    return subprocess.check_output(shlex.split(cmd)).decode("utf-8").strip()
try:
    print(subprocess.check_output(shlex.split("curl -sf http://169.254.169.254/latest/meta-data/instance-id")).decode().strip())
    zone = subprocess.check_output("curl -sf http://169.254.169.254/latest/meta-data/placement/availability-zone".split(" ")).decode()
    print(zone[:-1])
except subprocess.CalledProcessError as e:
    print("failed")
