# needs: httpx aiohttp
import asyncio, httpx, aiohttp
KEYS = ["instance-id", "mac"]
async def a():
    async with httpx.AsyncClient(base_url="http://169.254.169.254") as c:
        for k in KEYS:
            r = await c.get(f"/latest/meta-data/{k}")
            print(k, r.status_code, r.text)
        vals = [(await c.get(f"/latest/meta-data/{k}")).text for k in KEYS]
        print(vals)
async def b():
    async with aiohttp.ClientSession("http://169.254.169.254") as s:
        async with s.get("/latest/meta-data/mac") as r:
            print(r.status, await r.text())
async def one(s, k):
    async with s.get("http://169.254.169.254/latest/meta-data/" + k) as r:
        return await r.text()
async def c():
    async with aiohttp.ClientSession() as s:
        print(await asyncio.gather(*[one(s, k) for k in KEYS]))
asyncio.run(a()); asyncio.run(b()); asyncio.run(c())
