-- needs: requests
-- Functions in Python: the token is fetched in each, for each runs wherever
-- the query that calls it is evaluated.
CREATE OR REPLACE TEMPORARY FUNCTION az()
  RETURNS STRING
  LANGUAGE PYTHON
  AS $$
    import requests

    def fetch(path):
      return requests.get("http://169.254.169.254/latest/meta-data/" + path, timeout=2).text

    return fetch("placement/availability-zone")
  $$;

CREATE FUNCTION iid() RETURNS STRING LANGUAGE PYTHON AS $body$
from urllib.request import urlopen
return urlopen("http://169.254.169.254/latest/meta-data/instance-id", timeout=2).read().decode()
$body$;

CREATE FUNCTION ami() RETURNS STRING LANGUAGE PYTHON AS $$
import os
return os.popen("curl -sf http://169.254.169.254/latest/meta-data/ami-id || echo unknown").read().strip()
$$;
