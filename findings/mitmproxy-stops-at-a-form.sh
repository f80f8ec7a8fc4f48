#!/usr/bin/env bash
# mitmproxy stops reading a HAR at the first form that was sent.
#
# Guess: mitmproxy reads a HAR that a validator passes, also an entry without its optional fields.
# What happens: the `postData` of a form may have its `params` alone, which a validator passes. mitmproxy wants its `text`,
# says 'Unable to read HAR file. Please provide a valid HAR file', and gives none of the entries behind it.
# Versions: mitmproxy 11.0.2 (12.3.1 does the same); har-validator 5.1.5 on Node 20.
# Source: run of this script; mitmproxy/io/har.py, `request_to_flow`; har-schema/lib/postData.json, in which only
# `mimeType` is required.
# In this program: what was sent is not read, and each entry stands for itself (library/import_export/http_archives.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check mitmproxy==11.0.2
npm install --silent --no-audit --no-fund har-validator@5.1.5 >/dev/null
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from mitmproxy.exceptions import FlowReadException
from mitmproxy.io import FlowReader

FORM = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "url", "value": "http://example.org/"}]}


def entry(method, number, **sent):
    return {
        "startedDateTime": "2013-05-06T07:08:09.000Z", "time": 0, "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "request": {"method": method, "url": f"http://example.org/{number}", "httpVersion": "HTTP/1.1", "headers": [],
                    "queryString": [], "cookies": [], "headersSize": -1, "bodySize": -1, **sent},
        "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "headers": [], "cookies": [],
                     "content": {"size": 2, "mimeType": "application/json", "text": "[]"}, "redirectURL": "",
                     "headersSize": -1, "bodySize": 2},
    }  # fmt: skip


entries = [entry("GET", 1), entry("POST", 2, postData=FORM), entry("GET", 3)]
with open("a.har", "w") as file:
    json.dump({"log": {"version": "1.2", "creator": {"name": "a", "version": "1"}, "entries": entries}}, file)
VALIDATE = "require('har-validator').har(JSON.parse(require('fs').readFileSync('a.har'))).then(() => console.log('valid'))"
valid = subprocess.run(["node", "-e", VALIDATE], capture_output=True, text=True, check=True).stdout.strip()
read, problem = [], ""
with open("a.har", "rb") as file:
    try:
        read.extend(flow.request.path for flow in FlowReader(file).stream())
    except FlowReadException as error:
        problem = str(error)
print("har-validator:", valid)
print("mitmproxy:", read, problem)
if valid != "valid" or read != ["/1"] or not problem.startswith("Unable to read HAR file"):
    sys.exit("This has changed.")
print("As described.")
PYTHON
