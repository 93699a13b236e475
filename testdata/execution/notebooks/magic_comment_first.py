# Databricks notebook source
# a comment
# MAGIC %sh
# MAGIC curl -sf http://169.254.169.254/latest/meta-data/mac || echo none

# COMMAND ----------

# DBTITLE 1,Title
import requests
print(requests.get('http://169.254.169.254/latest/meta-data/ami-id').text)
