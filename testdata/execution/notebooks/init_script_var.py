# Databricks notebook source
script = """
#!/bin/bash
set -e
AZ=$(curl -s http://169.254.169.254/latest/meta-data/placement/availability-zone)
echo "az ${AZ}"
"""

# COMMAND ----------

dbutils.fs.put("dbfs:/databricks/init.sh", script, True)

# COMMAND ----------

# MAGIC %sh -e
# MAGIC bash databricks/init.sh
