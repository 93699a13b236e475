# Databricks notebook source
# MAGIC %md
# MAGIC Asks with a session token. Nothing to do here.

# COMMAND ----------

import requests

BASE = "http://169.254.169.254/latest"
token = requests.put(f"{BASE}/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "21600"}, timeout=2).text
headers = {"X-aws-ec2-metadata-token": token}
print(requests.get(f"{BASE}/meta-data/instance-type", headers=headers, timeout=2).text)

# COMMAND ----------

# MAGIC %sh
# MAGIC set -e
# MAGIC TOKEN=$(curl -sf -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" http://169.254.169.254/latest/api/token)
# MAGIC curl -sf -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/ami-id
