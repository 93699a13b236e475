# needs: tornado
import asyncio

from tornado.httpclient import AsyncHTTPClient, HTTPClientError


async def main():
    client = AsyncHTTPClient()
    try:
        response = await client.fetch("http://169.254.169.254/latest/meta-data/instance-id", request_timeout=2)
        print(response.body.decode())
    except HTTPClientError as error:
        print("refused", error.code)
    response = await client.fetch("http://169.254.169.254/latest/meta-data/mac", raise_error=False)
    print(response.code, response.body.decode() if response.code == 200 else "")


asyncio.run(main())
