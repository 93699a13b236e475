# needs: requests
"""Talks to http://169.254.169.254/latest/meta-data/ (see docs)."""
from __future__ import annotations
import requests

def f() -> str | None:
    # http://169.254.169.254/latest/meta-data/mac
    '''Doc http://169.254.169.254/latest/meta-data/mac.'''
    return requests.get("http://169.254.169.254/latest/meta-data/mac", timeout=2).text
print(f())
