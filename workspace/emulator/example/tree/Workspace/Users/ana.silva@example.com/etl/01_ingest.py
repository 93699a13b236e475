# Databricks notebook source
# MAGIC %run ./00_config

# COMMAND ----------

# DBTITLE 1,Where do we run?
zone = instance_data("placement/availability-zone")
instance = requests.get(METADATA + "/instance-id", timeout=2).text
print(f"loading in {zone[:-1]} on {instance}")

# COMMAND ----------

# MAGIC %sh
# MAGIC # Spot instances get two minutes: say so in the log.
# MAGIC LIFE=$(curl -s http://169.254.169.254/latest/meta-data/instance-life-cycle || echo unknown)
# MAGIC echo "life cycle: $LIFE"

# COMMAND ----------

orders = spark.read.json(RAW).withColumnRenamed("ts", "ordered_at")
orders.write.mode("append").saveAsTable("sales.orders")
