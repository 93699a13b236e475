# Databricks notebook source
# needs: requests
import requests

META = "http://169.254.169.254/latest/meta-data"

# COMMAND ----------

# MAGIC %md
# MAGIC Reads `http://169.254.169.254/latest/meta-data/` for the report.

# COMMAND ----------

zone = requests.get(META + "/placement/availability-zone", timeout=2).text
print("zone", zone)

# COMMAND ----------

# MAGIC %sh
# MAGIC curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo unknown
