# needs: httpx
import asyncio

import httpx


async def main():
    async with httpx.AsyncClient(timeout=2) as client:
        response = await client.get("http://169.254.169.254/latest/meta-data/instance-id")
        if response.status_code != 200:
            return "none"
        zone = (await client.get("http://169.254.169.254/latest/meta-data/placement/availability-zone")).text
        return response.text + " " + zone


print(asyncio.run(main()))
