"""Asks the package that is named for what it gets from the metadata service."""
import asyncio
import collections
import collections.abc
import inspect
import sys

# What old versions still use, and Python 3.10 and 3.11 no longer have there.
for name in ("Mapping", "MutableMapping", "Sequence", "Callable", "Iterable"):
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))
if not hasattr(inspect, "getargspec"):
    inspect.getargspec = inspect.getfullargspec


def boto3():
    import boto3.session

    return boto3.session.Session().get_credentials().access_key


def botocore():
    import botocore.session

    return botocore.session.get_session().get_credentials().access_key


def awscli():
    from awscli.clidriver import create_clidriver

    return create_clidriver().session.get_credentials().access_key


def aiobotocore():
    import aiobotocore

    async def ask():
        found = aiobotocore.get_session().get_credentials()
        if inspect.isawaitable(found):
            found = await found
        return found.access_key

    return asyncio.new_event_loop().run_until_complete(ask())


def ec2_metadata():
    from ec2_metadata import ec2_metadata

    return ec2_metadata.instance_id


def s3cmd():
    from S3.Config import Config

    config = Config()
    config.role_config()
    return config.access_key


def deltalake():
    from deltalake import DeltaTable

    # Nobody answers there: what counts is whether it comes so far.
    options = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_STORAGE_ALLOW_HTTP": "true"}
    try:
        DeltaTable("s3://bucket/table", storage_options=options)
    except Exception as e:
        if "credentials" in str(e):
            raise
        return "asked for the table"


print(globals()[sys.argv[1]]())
