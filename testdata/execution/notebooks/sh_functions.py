# Databricks notebook source
# MAGIC %sh
# MAGIC get() {
# MAGIC   curl -sf "http://169.254.169.254/latest/meta-data/$1" || echo none
# MAGIC }
# MAGIC
# MAGIC echo "$(get mac)"
# MAGIC echo "$(get nope)"
