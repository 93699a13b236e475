# Databricks notebook source
# needs: requests curl
import requests

BASE = "http://169.254.169.254"

# COMMAND ----------

# DBTITLE 1,A helper
def metadata(key):
    r = requests.get(BASE + "/latest/meta-data/" + key, timeout=2)
    r.raise_for_status()
    return r.text

# COMMAND ----------

# MAGIC %python
# MAGIC try:
# MAGIC   print(metadata("instance-type"))
# MAGIC except requests.RequestException:
# MAGIC   print("no metadata")

# COMMAND ----------

# MAGIC %sh curl -sf http://169.254.169.254/latest/meta-data/local-ipv4 || echo no address
