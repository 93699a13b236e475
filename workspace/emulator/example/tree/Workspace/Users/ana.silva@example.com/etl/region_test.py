# Databricks notebook source
from region import region

assert region() in ("eu-west-1", "eu-central-1")
