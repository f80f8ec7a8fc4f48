#!/usr/bin/env bash
# aiohttp-retry asks again after 0.2 seconds, whatever the server says in Retry-After.
#
# Guess: A client that retries after 429 and 503 waits as long as `Retry-After: 2` says, in seconds or as a date:
# httpx-retries and urllib3 do, and so do ky, got and axios-retry.
# What happens: The field is not read. ExponentialRetry waits 0.1, 0.2, 0.4 seconds and so on, and three attempts are
# over before the server takes requests again; servers that count refused requests lock the client out for longer. A
# class with `get_timeout` of one's own, which gets the response, is the way out.
# Versions: aiohttp-retry 2.9.1 with aiohttp 3.14.5; httpx-retries 0.6.0 with httpx 0.28.1, and urllib3 2.8.0 with
# requests 2.34.2 for comparison.
# Source: run of this script; aiohttp_retry/retry_options.py; RFC 9110, 10.2.3.
# In this program: a refused request waits as the server says (library/fetch/queue_and_limits.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check aiohttp-retry==2.9.1 aiohttp==3.14.5 \
  httpx-retries==0.6.0 httpx==0.28.1 requests==2.34.2 urllib3==2.8.0
venv/bin/python - <<'PYTHON'
import asyncio, http.server, sys, threading, time
import httpx, requests
from aiohttp_retry import ExponentialRetry, RetryClient
from httpx_retries import Retry, RetryTransport
from requests.adapters import HTTPAdapter
from urllib3 import Retry as UrllibRetry

asked = {}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        times = asked.setdefault(self.path, [])
        times.append(time.monotonic())
        self.send_response(503 if len(times) == 1 else 200)
        if len(times) == 1:
            self.send_header("Retry-After", "2")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"


async def ask_with_aiohttp():
    async with RetryClient(retry_options=ExponentialRetry(attempts=3, statuses={503})) as client:
        async with client.get(f"{address}/aiohttp-retry"):
            pass


asyncio.run(ask_with_aiohttp())
with httpx.Client(transport=RetryTransport(retry=Retry(total=3))) as client:
    client.get(f"{address}/httpx-retries")
session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=UrllibRetry(3)))
session.get(f"{address}/urllib3")
waited = {path[1:]: second - first for path, (first, second) in asked.items()}
for name, seconds in waited.items():
    print(f"{name}: asked again after {seconds:.1f} s, told 2")
unchanged = waited["aiohttp-retry"] < 1.5 and waited["httpx-retries"] > 1.8 and waited["urllib3"] > 1.8

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
