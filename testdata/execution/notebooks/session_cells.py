# Databricks notebook source
import requests
s = requests.Session()
s.headers['X-A'] = 'b'

# COMMAND ----------

print(s.get('http://169.254.169.254/latest/meta-data/mac', timeout=2).text)

# COMMAND ----------

for k in ['ami-id', 'hostname']:
  print(s.get('http://169.254.169.254/latest/meta-data/' + k, timeout=2).text)
