# Databricks notebook source
# Shared by all notebooks of the nightly load.
import requests

METADATA = "http://169.254.169.254/latest/meta-data"
RAW = "/mnt/raw/orders"

# COMMAND ----------

def instance_data(path):
    """One value of the instance that the driver runs on."""
    answer = requests.get(f"{METADATA}/{path}", timeout=2)
    answer.raise_for_status()
    return answer.text
