# Databricks notebook source
import os
os.system('curl -sf http://169.254.169.254/latest/meta-data/mac > m.txt')
print(open('m.txt').read())
