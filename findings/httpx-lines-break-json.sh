#!/usr/bin/env bash
# httpx's iter_lines cuts a line of JSON in two where a text in it has a line separator or a form feed.
#
# Guess: `iter_lines` ends a line at LF, CR or CR LF, as the event streams and JSON Lines for which it is used do.
# What happens: it ends a line wherever `str.splitlines` does: also at U+2028, U+2029, U+0085, FS, GS, RS, VT and FF.
# JSON allows the first three of them unescaped in a text, and most servers in other languages than Python don't
# escape them, so a title that was pasted from a word processor ends the record. requests goes by bytes: one line.
# Versions: httpx 0.28.1; requests 2.34.2 for comparison.
# Source: run of this script; RFC 8259, section 7; https://jsonlines.org names LF alone.
# In this program: a response is decoded whole, and files of lines are split at LF as bytes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import http.server, json, sys, threading
import httpx, requests

THINGS = [{"id": 1, "title": "one\u2028two"}, {"id": 2, "title": "three\u0085four"}]
BODY = "".join(json.dumps(thing, ensure_ascii=False) + "\n" for thing in THINGS).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/jsonl; charset=utf-8")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"
by_httpx = list(httpx.get(address, trust_env=False).iter_lines())
by_requests = list(requests.get(address).iter_lines())
print("httpx:", by_httpx)
print("requests:", by_requests)
unchanged = len(by_httpx) == 4 and [json.loads(line) for line in by_requests] == THINGS

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
