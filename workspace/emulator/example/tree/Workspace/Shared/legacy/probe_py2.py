# Databricks notebook source
# Written for Python 2, kept for the old clusters.
import urllib2

# COMMAND ----------

host = urllib2.urlopen("http://169.254.169.254/latest/meta-data/hostname").read()
print "running on", host
