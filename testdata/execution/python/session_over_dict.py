# Databricks notebook source
# needs: requests
import requests, json

def get_cluster_info():
    base = "http://169.254.169.254/latest"
    paths = {
        'instance_id': '/meta-data/instance-id',
        'az': '/meta-data/placement/availability-zone',
    }
    out = {}
    with requests.Session() as s:
        for name, p in paths.items():
            out[name] = s.get(base + p, timeout=3).text
    out['doc'] = json.loads(requests.get(base + '/dynamic/instance-identity/document', timeout=3).content or '{}').get('region') if out['az'] != 'Forbidden-page' else None
    return out

# COMMAND ----------
info = get_cluster_info()
print(info['instance_id'] if len(info['az']) < 12 else 'n/a', info['doc'])
