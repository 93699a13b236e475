# Databricks notebook source
region = "x"
dbutils.fs.put("/init/a.sh", f"""#!/bin/bash
export R={region}
echo "$R $(curl -sf http://169.254.169.254/latest/meta-data/mac || echo none)"
""", True)

# COMMAND ----------

# MAGIC %sh
# MAGIC bash init/a.sh
