#!/usr/bin/env bash
# mitmproxy and har2warc make empty answers of a HAR whose bodies are in files beside it.
#
# Guess: Playwright writes large HARs with the bodies in files beside them, and their names as `_file`. A tool that reads
# the HAR reads those files too, or says that the bodies are missing.
# What happens: both leave the field aside, and say nothing. mitmproxy has a 200 with no bytes; the web archive of
# har2warc has `Content-Length: 0` in place of the number that the server sent. The HAR still says `size`.
# Versions: har2warc 1.0.4 with warcio 1.8.1; mitmproxy 11.0.2 (12.3.1 does the same); Playwright 1.65 writes `_file`.
# Source: run of this script; playwright-core/types/types.d.ts on `recordHar`: with `attach`, 'resources are persisted as
# separate files'; mitmproxy/io/har.py, which reads `text` alone.
# In this program: `import` reads the file, or names it as missing (library/import_export/http_archives.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check har2warc==1.0.4 warcio==1.8.1
"${PYTHON:-python3}" -m venv other
other/bin/python -m pip install -qq --disable-pip-version-check mitmproxy==11.0.2
printf '["thing"]' >1234.json
cat >a.har <<'HAR'
{"log": {"version": "1.2", "creator": {"name": "Playwright", "version": "1.65"}, "pages": [], "entries": [{
  "startedDateTime": "2013-05-06T07:08:09.000Z", "time": 0, "cache": {}, "timings": {"send": 0, "wait": 0, "receive": 0},
  "request": {"method": "GET", "url": "http://example.org/things", "httpVersion": "HTTP/1.1", "headers": [],
    "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
  "response": {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "",
    "headers": [{"name": "Content-Type", "value": "application/json"}, {"name": "Content-Length", "value": "9"}],
    "content": {"size": 9, "mimeType": "application/json", "_file": "1234.json"}, "headersSize": -1, "bodySize": 9}}]}}
HAR
venv/bin/har2warc a.har a.warc
venv/bin/python - >archived <<'PYTHON'
from warcio.archiveiterator import ArchiveIterator

with open("a.warc", "rb") as file:
    for record in ArchiveIterator(file):
        if record.rec_type == "response":
            print(record.http_headers.get_header("Content-Length"), record.content_stream().read())
PYTHON
other/bin/python - >read <<'PYTHON'
from mitmproxy.io import FlowReader

with open("a.har", "rb") as file:
    for flow in FlowReader(file).stream():
        print(flow.response.status_code, flow.response.raw_content)
PYTHON
echo "har2warc: $(cat archived)"
echo "mitmproxy: $(cat read)"
[[ "$(cat archived) $(cat read)" == "0 b'' 200 b''" ]] || { echo "This has changed." >&2; exit 1; }
echo "As described."
