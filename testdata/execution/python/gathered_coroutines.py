# needs: httpx aiohttp
import asyncio, httpx, aiohttp
KEYS = ["instance-id", "mac"]
B = "http://169.254.169.254/latest/meta-data/"
async def main():
    async with httpx.AsyncClient(base_url="http://169.254.169.254/latest") as c:
        rs = await asyncio.gather(c.get("/meta-data/mac"), c.get("/meta-data/ami-id"))
        print([r.text for r in rs])
        rs = await asyncio.gather(*[c.get("/meta-data/" + k) for k in KEYS])
        print([r.status_code for r in rs])
        t = asyncio.create_task(c.get("/meta-data/instance-type"))
        print((await t).text)
    async with aiohttp.ClientSession() as s:
        try:
            r = await asyncio.wait_for(s.get(B + "local-ipv4"), timeout=2)
            r.raise_for_status()
            print(await r.text())
        except (asyncio.TimeoutError, aiohttp.ClientError):
            print("failed")
asyncio.run(main())
