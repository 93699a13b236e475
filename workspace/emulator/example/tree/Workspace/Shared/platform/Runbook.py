# Databricks notebook source
# MAGIC %md
# MAGIC # Runbook
# MAGIC Instance data comes from `http://169.254.169.254/latest/meta-data/`. Ask the platform team before you use it.
