#!/usr/bin/env bash
# Two HTTP caches keep a page that is marked `No-Store`, because of the capitals.
#
# Guess: `Cache-Control: No-Store` and `Max-Age=60` mean what `no-store` and `max-age=60` do, as with all directives,
# field names and codings of HTTP.
# What happens: CacheControl for Python, and http-cache-semantics, by which got and npm decide, compare directives
# letter by letter and ignore what they don't know. A page with `No-Store` and an Expires is kept and used; one with
# `Max-Age=60` is asked for each time.
# Versions: cachecontrol 0.14.4 with requests 2.34.2; http-cache-semantics 4.3.0 on Node 20.
# Source: run of this script; RFC 9111, 5.2: directives are compared without regard to case.
# In this program: no HTTP cache is used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check cachecontrol==0.14.4 requests==2.34.2
npm install --silent --no-audit --no-fund http-cache-semantics@4.3.0 >/dev/null
python=venv/bin/python
"$python" - <<'PYTHON'
import http.server, json, subprocess, sys, threading, time
from email.utils import formatdate
import requests
from cachecontrol import CacheControl

FIELDS = [
    {"Cache-Control": control, "Date": formatdate(usegmt=True)}
    for control in ("max-age=60", "Max-Age=60", "no-store", "No-Store")
]
for fields in FIELDS[2:]:
    fields["Expires"] = formatdate(time.time() + 60, usegmt=True)
SCRIPT = """
const Policy = require('http-cache-semantics');
const request = {url: '/', method: 'GET', headers: {}};
const lower = fields => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]));
console.log(JSON.stringify(JSON.parse(process.argv[1]).map(fields => {
  const policy = new Policy(request, {status: 200, headers: lower(fields)});
  return policy.storable() && policy.timeToLive() > 0;
})));
"""


count = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global count
        count += 1
        body = str(count).encode()
        self.send_response_only(200)
        for name, value in FIELDS[int(self.path[1:])].items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
session = CacheControl(requests.Session())
python = []
for number in range(len(FIELDS)):
    address = f"http://127.0.0.1:{server.server_port}/{number}"
    python.append(session.get(address).text == session.get(address).text)
done = subprocess.run(["node", "-e", SCRIPT, json.dumps(FIELDS)], capture_output=True, text=True, check=True)
node = json.loads(done.stdout)
for fields, by_python, by_node in zip(FIELDS, python, node):
    said = ["kept" if kept else "asked for" for kept in (by_python, by_node)]
    print(f"{fields['Cache-Control']}: {said[0]} by CacheControl, {said[1]} by http-cache-semantics")
unchanged = python == node == [True, False, False, True]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
