#!/usr/bin/env bash
# Starlette's TestClient decodes the path of a request twice; a server does so once.
#
# Guess: A route that is asked for `/tags/100%2525` gets `100%25` in a test as from uvicorn: `%25` is a percent sign.
# What happens: TestClient takes the path from httpx, where it's decoded already, and decodes it again: the route gets
# `100%`. `%2541` arrives as `A` and `%252F` as a slash, so another route answers. A test of a name with a percent sign
# passes or fails for the wrong reason. httpx's own ASGITransport decodes once.
# Versions: starlette 1.10.0, httpx 0.28.1, uvicorn 0.54.0.
# Source: run of this script; the ASGI specification: `path` is percent-decoded, from `raw_path`.
# In this program: tests use ASGITransport or a real server.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check starlette==1.10.0 httpx==0.28.1 uvicorn==0.54.0
python=venv/bin/python
"$python" - <<'PYTHON'
import asyncio, sys, threading, time, warnings
import httpx, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


async def show(request):
    return PlainTextResponse(request.path_params["name"])


async def ask(path):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        return (await client.get(path)).text


app = Starlette(routes=[Route("/tags/{name:path}", show)])
server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
threading.Thread(target=server.run, daemon=True).start()
while not server.started:
    time.sleep(0.05)
port = server.servers[0].sockets[0].getsockname()[1]
seen = {}
for name in ("100%2525", "%2541", "a%252Fb"):
    path = f"/tags/{name}"
    by_uvicorn = httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).text
    seen[name] = by_uvicorn, asyncio.run(ask(path)), TestClient(app).get(path).text
    print(name, "uvicorn: {}, ASGITransport: {}, TestClient: {}".format(*seen[name]))
unchanged = seen == {
    "100%2525": ("100%25", "100%25", "100%"),
    "%2541": ("%41", "%41", "A"),
    "a%252Fb": ("a%2Fb", "a%2Fb", "a/b"),
}
server.should_exit = True

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
