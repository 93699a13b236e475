# Databricks notebook source
import requests

url = dbutils.widgets.get("url")
name = dbutils.widgets.get("name")

# COMMAND ----------

answer = requests.get(url + name, timeout=2)
dbutils.notebook.exit(answer.text if answer.ok else "refused")
