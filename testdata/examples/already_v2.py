# Databricks notebook source
import requests

BASE = "http://169.254.169.254/latest"

token = requests.put(
    f"{BASE}/api/token",
    headers={"X-aws-ec2-metadata-token-ttl-seconds": "300"},
    timeout=2,
).text
zone = requests.get(
    f"{BASE}/meta-data/placement/availability-zone",
    headers={"X-aws-ec2-metadata-token": token},
    timeout=2,
).text
print(zone)

# COMMAND ----------

# MAGIC %sh
# MAGIC TOKEN=$(curl -s -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 300" http://169.254.169.254/latest/api/token)
# MAGIC curl -s -H "X-aws-ec2-metadata-token: $TOKEN" http://169.254.169.254/latest/meta-data/hostname
