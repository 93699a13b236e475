# Databricks notebook source
import requests

# COMMAND ----------

zone = requests.get("http://169.254.169.254/latest/meta-data/placement/availability-zone", timeout=2).text
print(zone)
