# Databricks notebook source
# needs: requests
# MAGIC %md
# MAGIC # Cluster info from http://169.254.169.254/latest/meta-data/

# COMMAND ----------

import requests
META = "http://169.254.169.254/latest/meta-data"

# COMMAND ----------

# DBTITLE 1,Zone
zone = requests.get(META + "/placement/availability-zone", timeout=2).text
print(zone)

# COMMAND ----------

def meta(name):
  resp = requests.get("{}/{}".format(META, name), timeout=2)
  return resp.text if resp.status_code == 200 else None

for n in ["instance-id", "mac"]:
  print(n, meta(n))

# COMMAND ----------

if zone.startswith("us"):
  itype = requests.get(META + "/instance-type").text
  print(itype)
requests.get(META + "/ami-id").text
