# Databricks notebook source
# The same address on Azure: another service with another header.
import requests

# COMMAND ----------

answer = requests.get(
    "http://169.254.169.254/metadata/identity/oauth2/token",
    params={"api-version": "2018-02-01", "resource": "https://vault.azure.net"},
    headers={"Metadata": "true"},
    timeout=2,
)
token = answer.json()["access_token"]
