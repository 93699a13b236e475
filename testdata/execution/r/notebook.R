# Databricks notebook source
# needs: r:httr
library(httr)
META <- "http://169.254.169.254/latest/meta-data"

# COMMAND ----------

# 地域を調べる
get_item <- function(item) {
  resp <- GET(paste(META, item, sep = "/"), timeout(2))
  if (http_error(resp)) return("unknown")
  content(resp, "text", encoding = "UTF-8")
}

# COMMAND ----------

print(get_item("placement/region"))
for (i in 1:2) {
  print(get_item("instance-id"))
}

# COMMAND ----------

# MAGIC %sh
# MAGIC curl -s http://169.254.169.254/latest/meta-data/instance-id
