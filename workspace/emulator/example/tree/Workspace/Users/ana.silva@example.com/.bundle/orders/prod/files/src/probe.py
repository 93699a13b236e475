# Databricks notebook source
# Deployed by the bundle "orders": the source is in Git.
import requests

# COMMAND ----------

dbutils.notebook.exit(requests.get("http://169.254.169.254/latest/meta-data/instance-type", timeout=2).text)
