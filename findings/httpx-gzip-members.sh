#!/usr/bin/env bash
# httpx shows the first member of a gzip body and drops the others.
#
# Guess: a `Content-Encoding: gzip` body of two members is decoded to both, as requests, curl and browsers do.
# What happens: `response.content` ends after the first member. Nothing is raised, and `Content-Length` fits what was
# received.
# Versions: httpx 0.28.1; requests 2.34.2 for comparison.
# Source: run of this script; RFC 9110, 8.4.1.3 refers to RFC 1952, whose 2.2 allows several members. Caches that
# append compressed blocks send such bodies.
# In this program: bodies are taken raw from httpx and unpacked by api/http_transport.py, member after member.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import gzip, http.server, sys, threading
import httpx, requests

BODY = gzip.compress(b"one,") + gzip.compress(b"two")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"
by_httpx, by_requests = httpx.get(address, trust_env=False).content, requests.get(address).content
print("httpx", by_httpx, "requests", by_requests)
unchanged = (by_httpx, by_requests) == (b"one,", b"one,two")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
