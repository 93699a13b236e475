# needs: aiohttp
import asyncio, aiohttp
URL = "http://169.254.169.254/latest/meta-data/%s"
async def one(key):
    async with aiohttp.ClientSession() as s, s.get(URL % key) as r:
        return r.status, await r.text()
async def two():
    async with aiohttp.ClientSession(raise_for_status=True) as s:
        async with s.get(URL % "mac", headers={"A": "b"}) as r:
            return await r.text()
async def three():
    s = aiohttp.ClientSession()
    try:
        r = await s.request("GET", URL % "ami-id")
        return (await r.read()) if r.status == 200 else b"none"
    finally:
        await s.close()
async def main():
    st, text = await one("instance-id")
    print(text if st == 200 else "no")
    try: print(await two())
    except aiohttp.ClientResponseError as e: print("bad", e.status)
    print(await three())
asyncio.run(main())
