# needs: requests
import asyncio, requests, httpx
from concurrent.futures import ThreadPoolExecutor
URLS = ["http://169.254.169.254/latest/meta-data/mac", "http://169.254.169.254/latest/meta-data/ami-id"]
async def main():
    r = await asyncio.to_thread(requests.get, "http://169.254.169.254/latest/meta-data/instance-id", timeout=2)
    print(r.text)
    loop = asyncio.get_running_loop()
    r = await loop.run_in_executor(None, lambda: requests.get(URLS[0], timeout=2))
    print(r.status_code)
asyncio.run(main())
with ThreadPoolExecutor() as ex:
    f = ex.submit(requests.get, "http://169.254.169.254/latest/meta-data/instance-id", timeout=2)
    print(f.result().ok)
