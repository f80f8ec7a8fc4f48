#!/usr/bin/env bash
# The VCR report of schemathesis, written in Python, can't be played by vcrpy, VCR for Python.
#
# Guess: `schemathesis run --report vcr` writes what vcrpy reads, so a failure that it found can be played to a client
# without the server.
# What happens: the file has the names of Ruby's VCR (`http_interactions`, `encoding` and `string` in a body), and vcrpy
# stops with `KeyError: 'interactions'`, which does not say what is wrong. The code of the status is a text (`'200'`),
# where both VCRs have a number.
# Versions: schemathesis 4.32.5; vcrpy 9.4.2 with requests 2.34.2.
# Source: run of this script; `schemathesis run --help`, which says 'VCR cassette', and not whose.
# In this program: `import` reads both (library/import_export/http_recordings.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check schemathesis==4.32.5
"${PYTHON:-python3}" -m venv player
player/bin/python -m pip install -qq --disable-pip-version-check vcrpy==9.4.2 requests==2.34.2
venv/bin/python - <<'PYTHON'
import http.server, json, subprocess, threading


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
answers = {"200": {"description": "a user", "content": {"application/json": {"schema": {"type": "object"}}}}}
paths = {"/user": {"get": {"responses": answers}}}
with open("openapi.json", "w") as file:
    json.dump({"openapi": "3.0.3", "info": {"title": "a", "version": "1"}, "paths": paths}, file)
command = ["venv/bin/schemathesis", "run", "openapi.json", "--url", f"http://127.0.0.1:{server.server_port}"]
options = ["--max-examples", "1", "--phases", "fuzzing", "--checks", "not_a_server_error", "--mode", "positive"]
subprocess.run([*command, *options, "--report", "vcr", "--report-vcr-path", "a.yaml"], stdout=subprocess.DEVNULL, check=True)
PYTHON
player/bin/python - <<'PYTHON'
import sys
import requests, vcr, yaml

with open("a.yaml") as file:
    tape = yaml.safe_load(file)
first = tape["http_interactions"][0]
print(sorted(tape), first["request"]["uri"], first["response"]["status"], first["response"]["body"])
try:
    with vcr.use_cassette("a.yaml", record_mode="none"):
        played = requests.get(first["request"]["uri"]).text
except KeyError as error:
    played = f"KeyError: {error}"
print("vcrpy:", played)
if played != "KeyError: 'interactions'" or first["response"]["status"]["code"] != "200":
    sys.exit("This has changed.")
print("As described.")
PYTHON
