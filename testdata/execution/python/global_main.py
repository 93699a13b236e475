#!/usr/bin/env python3
# needs: requests
import argparse
import requests

METADATA_URL = "http://169.254.169.254/latest/meta-data/%s"

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", default="instance-id")
    args = parser.parse_args()
    resp = requests.get(METADATA_URL % args.key, timeout=(2, 5))
    assert resp.status_code == 200, "metadata"
    print(resp.text.strip())

if __name__ == "__main__":
    main()
