# needs: aiohttp
import asyncio, aiohttp
async def main():
    timeout = aiohttp.ClientTimeout(total=3)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        async with session.get("http://169.254.169.254/latest/meta-data/instance-id") as resp:
            resp.raise_for_status()
            print(await resp.text())
        r = await session.get("http://169.254.169.254/latest/meta-data/mac")
        print(r.status, await r.text())
asyncio.run(main())
