# Databricks notebook source
# MAGIC %sh
# MAGIC python3 - <<'EOF'
# MAGIC import urllib.request
# MAGIC print(urllib.request.urlopen('http://169.254.169.254/latest/meta-data/mac', timeout=2).read().decode())
# MAGIC EOF
