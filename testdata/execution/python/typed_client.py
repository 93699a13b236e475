# needs: requests
import argparse
import logging
import sys
from typing import Dict, Optional
import requests
from requests.exceptions import ConnectTimeout, HTTPError, ReadTimeout

logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s", level=logging.INFO)
LOGGER = logging.getLogger("meta")
IMDS_BASE_URL: str = "http://169.254.169.254/latest"
DEFAULT_TIMEOUT = (0.5, 2)

class MetadataError(Exception):
    """Raised when metadata cannot be read."""

class InstanceMetadata:
    """Client for the EC2 instance metadata service."""
    _cache: Dict[str, str] = {}

    def __init__(self, base_url: str = IMDS_BASE_URL, session: Optional[requests.Session] = None) -> None:
        self._base_url = base_url.rstrip("/")
        self._session = session or requests.Session()

    def get(self, path: str) -> str:
        if path in self._cache:
            return self._cache[path]
        url = f"{self._base_url}/meta-data/{path}"
        try:
            response = self._session.get(url, timeout=DEFAULT_TIMEOUT)
            response.raise_for_status()
        except (ConnectTimeout, ReadTimeout) as exc:
            raise MetadataError("timeout") from exc
        except HTTPError as exc:
            LOGGER.info("status %s", exc.response.status_code)
            raise MetadataError("http") from exc
        self._cache[path] = response.text
        return response.text

    @property
    def instance_id(self) -> str:
        return self.get("instance-id")

    @classmethod
    def region(cls) -> str:
        return cls().get("placement/region")

def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quiet", action="store_true")
    args = parser.parse_args()
    try:
        meta = InstanceMetadata()
        LOGGER.info("instance %s", meta.instance_id)
        LOGGER.info("region %s", InstanceMetadata.region())
    except MetadataError as exc:
        LOGGER.error("no metadata: %s", exc)
        return 2
    return 0

if __name__ == "__main__":
    sys.exit(main())
