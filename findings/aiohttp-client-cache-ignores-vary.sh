#!/usr/bin/env bash
# aiohttp-client-cache answers a request for XML with the JSON that it has.
#
# Guess: an answer with `Vary: Accept` is given only to a request with the same `Accept`, at least if the cache is told
# to follow the server (`cache_control=True`).
# What happens: the headers of a request are not part of what is compared, and `Vary` is not read, with `cache_control`
# or without. `include_headers=True` is the way out, but compares all headers. requests-cache, by the same
# people, follows `Vary`.
# Versions: aiohttp-client-cache 0.15.0 with aiohttp 3.14.5; requests-cache 1.3.3 with requests 2.34.2 for comparison.
# Source: run of this script; RFC 9111, 4.1. The README of aiohttp-client-cache names `include_headers`, not `Vary`.
# In this program: an answer is stored under its method and arguments, in one format (store/response_store.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check aiohttp-client-cache==0.15.0 aiohttp==3.14.5 \
  requests-cache==1.3.3 requests==2.34.2
venv/bin/python - <<'PYTHON'
import asyncio, http.server, sys, threading
import requests_cache
from aiohttp_client_cache import CacheBackend, CachedSession

TYPES = ("application/json", "text/xml")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.headers["Accept"].encode()
        self.send_response(200)
        self.send_header("Vary", "Accept")
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"


async def ask(**options):
    async with CachedSession(cache=CacheBackend(**options)) as session:
        return [await (await session.get(address, headers={"Accept": kind})).text() for kind in TYPES]


seen = {str(options): asyncio.run(ask(**options)) for options in ({}, {"cache_control": True}, {"include_headers": True})}
session = requests_cache.CachedSession(backend="memory")
seen["requests-cache"] = [session.get(address, headers={"Accept": kind}).text for kind in TYPES]
for name, answers in seen.items():
    print(f"{name}: {answers}")
if list(seen.values()) != [[TYPES[0]] * 2] * 2 + [list(TYPES)] * 2:
    sys.exit("This has changed.")
print("As described.")
PYTHON
