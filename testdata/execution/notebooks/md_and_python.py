# Databricks notebook source
# MAGIC %md
# MAGIC `curl http://169.254.169.254/latest/meta-data/`

# COMMAND ----------

# MAGIC %python
# MAGIC import urllib.request
# MAGIC print(urllib.request.urlopen('http://169.254.169.254/latest/meta-data/mac', timeout=2).read())
