# needs: aiohttp
import asyncio

import aiohttp

BASE = "http://169.254.169.254/latest/meta-data/"


async def fetch(session, key):
    async with session.get(BASE + key) as response:
        response.raise_for_status()
        return await response.text()


async def main():
    timeout = aiohttp.ClientTimeout(total=3)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        try:
            print(await fetch(session, "instance-id"))
            response = await session.get(BASE + "mac", headers={"Accept": "text/plain"})
            print(response.status == 200 and await response.text())
        except aiohttp.ClientError:
            print("failed")


asyncio.run(main())
