"""Tells Azure from Google Cloud. Both have a metadata service on AWS's address; neither is touched by IMDSv2 enforcement."""
import requests

AZURE = "http://169.254.169.254/metadata/instance?api-version=2021-02-01"
GOOGLE = "http://169.254.169.254/computeMetadata/v1/instance/zone"


def cloud():
    try:
        if requests.get(AZURE, headers={"Metadata": "true"}, timeout=1).ok:
            return "azure"
        if requests.get(GOOGLE, headers={"Metadata-Flavor": "Google"}, timeout=1).ok:
            return "google"
    except requests.RequestException:
        pass
    return "neither"


print(cloud())
