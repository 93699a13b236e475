# Databricks notebook source
dbutils.fs.put("dbfs:/i.sh", "#!/bin/bash\n" + "curl -sf http://169.254.169.254/latest/meta-data/mac || echo none\n", True)

# COMMAND ----------

# MAGIC %sh bash i.sh
