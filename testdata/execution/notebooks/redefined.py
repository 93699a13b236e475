# Databricks notebook source
import requests
imds_token = 'mine'
URL = 'http://169.254.169.254/latest/meta-data/mac'

# COMMAND ----------

print(imds_token, requests.get(URL, timeout=2).text)

# COMMAND ----------

print(imds_token)
