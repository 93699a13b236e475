# Databricks notebook source
answer = requests.get(META + "placement/region", timeout=2)
region = answer.text if answer.status_code == 200 else "nowhere"
