# needs: httpx
import asyncio, httpx
async def fetch(c, k):
    r = await c.get("http://169.254.169.254/latest/meta-data/" + k, timeout=2.0)
    r.raise_for_status()
    return r.text
async def main():
    async with httpx.AsyncClient() as c:
        try:
            print(await asyncio.gather(fetch(c, "mac"), fetch(c, "ami-id")))
        except httpx.HTTPError:
            print("none")
asyncio.run(main())
