#!/usr/bin/env bash
# A curl command that mitmproxy, fetch-to-curl or curl-generator has written sends another request, or none.
#
# Guess: 'Copy as curl' gives a command that sends the request that was copied: each address and each body.
# What happens: mitmproxy writes a line break in a body as `\x0a` between quotes where no shell and no curl reads it so:
# a JSON document over two lines arrives as one that isn't JSON. curl-generator puts no quotes around the address, so
# the shell takes the command's end for what stands behind the first `&`, and the request has the first parameter only.
# The other two quote, but curl reads brackets as a range: `?page[number]=2`, as JSON:API has it, is an error before
# anything is sent, unless there is a `--globoff`. Postman's generator does all of it right.
# Versions: mitmproxy 11.0.2; fetch-to-curl 0.6.0, curl-generator 0.5.0, postman-code-generators 2.1.1 with
# postman-collection 5.3.1 on Node 20; curl, whichever is installed.
# Source: run of this script; mitmproxy/addons/export.py, `request_content_for_console`; curl(1), `--globoff`; POSIX,
# Shell Command Language, 2.2.2: nothing is special between single quotes.
# In this program: the command that the console copies is quoted, and its parameters are encoded
# (library/console/exchange.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check mitmproxy==11.0.2
npm install --silent --no-audit --no-fund fetch-to-curl@0.6.0 curl-generator@0.5.0 postman-code-generators@2.1.1 \
  postman-collection@5.3.1 >/dev/null
cat >write.mjs <<'SCRIPT'
import curlGenerator from 'curl-generator';
import fetchToCurl from 'fetch-to-curl';
import postmanCodeGenerators from 'postman-code-generators';
import postmanCollection from 'postman-collection';

const [url, body] = process.argv.slice(2);
const method = body ? 'POST' : 'GET';
const headers = {'Content-Type': 'application/json'};
const byPostman = new postmanCollection.Request({
  url,
  method,
  header: [{key: 'Content-Type', value: 'application/json'}],
  ...(body && {body: {mode: 'raw', raw: body}}),
});
console.log(JSON.stringify({
  'fetch-to-curl': (fetchToCurl.default ?? fetchToCurl)(url, {method, headers, ...(body && {body})}),
  'curl-generator': curlGenerator.CurlGenerator({url, method, headers, ...(body && {body})}),
  'postman-code-generators': await new Promise((resolve, reject) => {
    const done = (error, text) => error ? reject(error) : resolve(text);
    postmanCodeGenerators.convert('curl', 'curl', byPostman, {}, done);
  }),
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from mitmproxy import http
from mitmproxy.addons import export
from mitmproxy.test import taddons, tflow

arrived = []


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        arrived.append((self.path, body))
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *words):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
Thread(target=server.serve_forever, daemon=True).start()
REQUESTS = {
    "two parameters": ("/things?user=ada&count=5", ""),
    "brackets": ("/things?page[number]=2", ""),
    "two lines": ("/things", '{"title":\n"One"}'),
}
exporter = export.Export()
right = {}
for what, (path, body) in REQUESTS.items():
    url = f"http://127.0.0.1:{server.server_port}{path}"
    node = subprocess.run(["node", "write.mjs", url, body], capture_output=True, text=True, check=True).stdout
    with taddons.context(exporter):
        request = http.Request.make("POST" if body else "GET", url, body.encode(), {"Content-Type": "application/json"})
        commands = json.loads(node) | {"mitmproxy": export.curl_command(tflow.tflow(req=request))}
    for name, command in commands.items():
        arrived.clear()
        with open("command.sh", "w") as file:
            file.write(command)
        subprocess.run(["bash", "command.sh"], capture_output=True, timeout=20)
        right.setdefault(name, {})[what] = arrived == [(path, body)]
        print(f"{name}, {what}: arrived", arrived)
server.shutdown()
unchanged = right == {
    "fetch-to-curl": {"two parameters": True, "brackets": False, "two lines": True},
    "curl-generator": {"two parameters": False, "brackets": False, "two lines": True},
    "postman-code-generators": {"two parameters": True, "brackets": True, "two lines": True},
    "mitmproxy": {"two parameters": True, "brackets": False, "two lines": False},
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
