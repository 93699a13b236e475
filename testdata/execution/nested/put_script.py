# Databricks notebook source
# needs: requests curl
dbutils.fs.put("dbfs:/init/az.sh", """#!/bin/bash
set -e
cat > /tmp/az-$$.py <<'EOF'
import requests
r = requests.get("http://169.254.169.254/latest/meta-data/placement/availability-zone", timeout=2)
print("zone", r.text if r.ok else "unknown")
EOF
python3 /tmp/az-$$.py
rm /tmp/az-$$.py
echo "id $(curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo none)"
""", True)

# COMMAND ----------

# MAGIC %sh
# MAGIC bash init/az.sh
# MAGIC python3 <<'EOF'
# MAGIC import os
# MAGIC print(os.popen("bash -c 'curl -s http://169.254.169.254/latest/meta-data/ami-id'").read())
# MAGIC EOF
