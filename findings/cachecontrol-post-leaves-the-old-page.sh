#!/usr/bin/env bash
# CacheControl shows the old page after a POST to its address, and does not ask about a page marked `no-cache`.
#
# Guess: The cache follows HTTP's rules: a POST that succeeded removes what is kept for that address, as PUT and DELETE
# do. `Cache-Control: no-cache, max-age=60`, as many frameworks send it, means to keep the page but to ask before each
# use.
# What happens: PUT, PATCH and DELETE remove it, POST does not: who posts to a list and reads it sees the list without
# the new entry. Of a response's directives `no-cache` is not looked at, so the page is used for 60 seconds without a
# question, also where it's `private, no-cache` with an Expires.
# Versions: cachecontrol 0.14.4 with requests 2.34.2.
# Source: run of this script; cachecontrol/adapter.py, `invalidating_methods`; RFC 9111, 4.4 and 5.2.2.4.
# In this program: no HTTP cache is used; after a change the pages it concerns are asked for again.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check cachecontrol==0.14.4 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import http.server, sys, threading
import requests
from cachecontrol import CacheControl

count = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        global count
        count += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = str(count).encode()
        self.send_response(200)
        self.send_header("Cache-Control", "no-cache, max-age=60" if self.path == "/no-cache" else "max-age=60")
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"


def reused(path, between=None):
    session = CacheControl(requests.Session())
    first = session.get(address + path).text
    if between:
        session.request(between, address + path)
    return session.get(address + path).text == first


seen = {verb: reused("list", verb) for verb in ("POST", "PUT", "DELETE")}
seen["no-cache"] = reused("no-cache")
for what, old in seen.items():
    print(f"{what}: {'the old page is shown' if old else 'the server is asked'}")
unchanged = seen == {"POST": True, "PUT": False, "DELETE": False, "no-cache": True}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
