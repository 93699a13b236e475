# Databricks notebook source
import requests

dbutils.widgets.text("address", "169.254.169.254")

# COMMAND ----------

# Which headers are sent, only the caller knows.
def ask(path, **options):
    return requests.get("http://169.254.169.254/latest/" + path, timeout=2, **options)

# COMMAND ----------

print(ask(dbutils.widgets.get("path"), **spark.sparkContext.getLocalProperty("metadata.options")).text)
