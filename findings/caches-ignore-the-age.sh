#!/usr/bin/env bash
# Three HTTP caches for Python take a page that has grown old in a CDN for a new one.
#
# Guess: A response with `Cache-Control: max-age=60` and `Age: 100` is stale when it arrives, as it is for a browser:
# a shared cache in front of the server has kept it for 100 seconds.
# What happens: hishel (by the RFC), CacheControl and requests-cache (by Cache-Control) use it for another 60 seconds,
# without a question. hishel even replaces the field: its copy says `age: 0`. Behind a CDN each page is up to twice as
# old as the server allows. http-cache-semantics, of JavaScript, counts the field.
# Versions: hishel 2.0.0 with httpx 0.28.1; cachecontrol 0.14.4 and requests-cache 1.3.3 with requests 2.34.2.
# Source: run of this script; RFC 9111, 4.2.3: the current age begins with the value of the field Age.
# In this program: no HTTP cache is used; a saved page is asked for again with its ETag (api/client.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check 'hishel[httpx]==2.0.0' httpx==0.28.1 \
  cachecontrol==0.14.4 requests-cache==1.3.3 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import http.server, sys, threading
import requests, requests_cache
from cachecontrol import CacheControl
from hishel.httpx import CacheClient

count = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global count
        count += 1
        body = str(count).encode()
        self.send_response(200)
        self.send_header("Cache-Control", "max-age=0" if self.path == "/stale" else "public, max-age=60")
        if self.path == "/aged":
            self.send_header("Age", "100")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"
clients = {
    "hishel": CacheClient(rfc=True),
    "CacheControl": CacheControl(requests.Session()),
    "requests-cache": requests_cache.CachedSession(backend="memory", cache_control=True),
}
seen = {}
for name, client in clients.items():
    for path in ("new", "aged", "stale"):
        first = client.get(address + path)
        second = client.get(address + path)
        seen[name, path] = first.text == second.text
        age = f", Age {second.headers['Age']}" if path == "aged" else ""
        print(f"{name}, {path}: {'used again' if seen[name, path] else 'asked for again'}{age}")
unchanged = seen == {(name, path): path != "stale" for name in clients for path in ("new", "aged", "stale")}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
