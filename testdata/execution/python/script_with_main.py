#!/usr/bin/env python3
# needs: requests
"""Tag this instance. Reads http://169.254.169.254/latest/meta-data/instance-id first."""
import json, logging, os, sys
import requests
log = logging.getLogger(__name__)
METADATA_HOST = "169.254.169.254"
METADATA_VERSION = "latest"
def _build_url(*parts):
    return "http://" + "/".join((METADATA_HOST, METADATA_VERSION) + parts)
def get_instance_id():
    url = "http://{}/{}/meta-data/instance-id".format(METADATA_HOST, METADATA_VERSION)
    log.debug("asking %s", url)
    resp = requests.get(url, timeout=(1, 1))
    if resp.status_code == 404: return None
    resp.raise_for_status()
    return resp.content.decode("ascii")
def main(argv=None):
    try:
        iid = get_instance_id()
    except requests.exceptions.HTTPError as e:
        print("http error", e.response.status_code); return 1
    print(iid); return 0
if __name__ == "__main__": sys.exit(main())
