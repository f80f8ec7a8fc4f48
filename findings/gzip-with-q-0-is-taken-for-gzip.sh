#!/usr/bin/env bash
# Three servers' libraries send gzip to a client that refuses it.
#
# Guess: `Accept-Encoding: gzip;q=0` means that gzip is not acceptable, so the page comes as it is; `deflate;q=0, gzip`
# gets gzip.
# What happens: Starlette's GZipMiddleware and aiohttp's `enable_compression` look for the word in the text, so both
# send gzip for `gzip;q=0`, and aiohttp sends deflate for `deflate;q=0, gzip`. Flask-Compress reads the weights, and
# ignores a zero. A client that can't unpack, such as one that stores what it gets with its length, gets bytes instead
# of text. Express with compression does it right.
# Versions: starlette 1.10.0, aiohttp 3.14.5, Flask-Compress 1.25 with flask 3.1.3.
# Source: run of this script; starlette/middleware/gzip.py; aiohttp/web_response.py, `_start_compression`; RFC 9110,
# 12.4.2 and 12.5.3: a weight of 0 means not acceptable.
# In this program: the sandbox packs nothing; the client accepts what it can unpack.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check starlette==1.10.0 httpx==0.28.1 aiohttp==3.14.5 \
  flask-compress==1.25 flask==3.1.3
venv/bin/python - <<'PYTHON'
import asyncio, sys
import httpx
from aiohttp import web
from flask import Flask, Response
from flask_compress import Compress
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

PAGE = "a page " * 1000
FIELDS = ("gzip", "identity", "gzip;q=0", "deflate;q=0, gzip")
route = Route("/", lambda request: PlainTextResponse(PAGE))
by_starlette = Starlette(routes=[route], middleware=[Middleware(GZipMiddleware)])
by_flask = Flask("server")
Compress(by_flask)
by_flask.get("/")(lambda: Response(PAGE, mimetype="text/plain"))


async def answer(request):
    response = web.Response(text=PAGE)
    response.enable_compression()
    return response


async def ask(client, address):
    answers = [await client.get(address, headers={"Accept-Encoding": field}) for field in FIELDS]
    return [answer.headers.get("Content-Encoding") for answer in answers]


async def main():
    by_aiohttp = web.Application()
    by_aiohttp.router.add_get("/", answer)
    runner = web.AppRunner(by_aiohttp)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with httpx.AsyncClient() as client, httpx.AsyncClient(transport=httpx.ASGITransport(by_starlette)) as direct:
        seen = {
            "aiohttp": await ask(client, f"http://127.0.0.1:{runner.addresses[0][1]}/"),
            "Starlette": await ask(direct, "http://server/"),
        }
    await runner.cleanup()
    return seen


seen = asyncio.run(main())
client = by_flask.test_client()
answers = [client.get("/", headers={"Accept-Encoding": field}) for field in FIELDS]
seen["Flask-Compress"] = [answer.headers.get("Content-Encoding") for answer in answers]
for name, kinds in seen.items():
    print(f"{name}: {dict(zip(FIELDS, kinds))}")
unchanged = all(kinds[:3] == ["gzip", None, "gzip"] for kinds in seen.values()) and seen["aiohttp"][3] == "deflate"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
