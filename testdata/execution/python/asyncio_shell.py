# needs: curl
import asyncio
async def run(cmd):
    p = await asyncio.create_subprocess_shell(cmd, stdout=asyncio.subprocess.PIPE)
    out, _ = await p.communicate()
    return out.decode().strip()
async def main():
    print(await run("curl -sf http://169.254.169.254/latest/meta-data/instance-id || echo none"))
    p = await asyncio.create_subprocess_shell("curl -sf http://169.254.169.254/latest/meta-data/mac", stdout=asyncio.subprocess.PIPE)
    print((await p.communicate())[0])
asyncio.run(main())
