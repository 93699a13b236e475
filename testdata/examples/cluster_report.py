# Databricks notebook source
# MAGIC %md
# MAGIC # Cluster report
# MAGIC Which machine ran the nightly load, and where. Uses the instance metadata at `http://169.254.169.254/`.

# COMMAND ----------

# MAGIC %pip install requests==2.31.0

# COMMAND ----------

import json

import requests

METADATA = "http://169.254.169.254/latest"
TIMEOUT = 2


def metadata(path, default="unknown"):
    """One value of the instance metadata, or a default off EC2."""
    try:
        response = requests.get(f"{METADATA}/meta-data/{path}", timeout=TIMEOUT)
        response.raise_for_status()
        return response.text
    except requests.RequestException:
        return default

# COMMAND ----------

identity = requests.get(METADATA + "/dynamic/instance-identity/document", timeout=TIMEOUT).json()
print(identity["region"], metadata("instance-type"))

# COMMAND ----------

# DBTITLE 1,Where the shuffle files go
# MAGIC %sh
# MAGIC set -e
# MAGIC AZ=$(curl -s http://169.254.169.254/latest/meta-data/placement/availability-zone)
# MAGIC echo "zone $AZ"
# MAGIC if curl -sf -m 2 http://169.254.169.254/latest/meta-data/spot/instance-action > /dev/null; then
# MAGIC   echo "this spot instance is about to be reclaimed"
# MAGIC fi
# MAGIC df -h /local_disk0

# COMMAND ----------

row = {"region": identity["region"], "id": metadata("instance-id"), "type": metadata("instance-type")}
print(json.dumps(row))
dbutils.notebook.exit(json.dumps(row))
