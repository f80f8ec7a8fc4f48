#!/usr/bin/env bash
# har2warc archives a request that got no answer as one that was answered with 204, and drops what a POST sent.
#
# Guess: an entry of status 0, which browsers and proxies write for a request that was blocked, cut off or timed out,
# is left out of the web archive. The request record of a POST holds its body.
# What happens: the entry becomes `HTTP/1.1 204 No Content`, so an archive tells that the server had nothing. The
# request record of a POST has its head only, without a Content-Length: two searches can't be told apart.
# Versions: har2warc 1.0.4, warcio 1.8.1.
# Source: run of this script. The HAR 1.2 specification names no status 0; Chrome and Firefox write it.
# In this program: `import` reads HAR itself and says that such an entry has no body.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check har2warc==1.0.4 warcio==1.8.1
python=venv/bin/python
"$python" - <<'PYTHON'
import json, subprocess, sys
from warcio.archiveiterator import ArchiveIterator


def entry(method, status, text, sent=None):
    request = {"method": method, "url": "https://example.org/" + method, "httpVersion": "HTTP/1.1", "headers": [
        {"name": "Host", "value": "example.org"}], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": -1}
    if sent:
        request["postData"] = {"mimeType": "application/json", "text": sent}
    return {"startedDateTime": "2013-05-01T00:00:00.000Z", "time": 0, "request": request, "response": {
        "status": status, "statusText": "OK" if status else "", "httpVersion": "HTTP/1.1" if status else "",
        "headers": [], "cookies": [], "content": {"size": len(text), "mimeType": "application/json", "text": text},
        "redirectURL": "", "headersSize": -1, "bodySize": -1}, "cache": {}, "timings": {"send": 0, "wait": 0, "receive": 0}}


entries = [entry("GET", 0, ""), entry("POST", 200, "[]", '{"query": "maps"}')]
with open("a.har", "w") as file:
    json.dump({"log": {"version": "1.2", "creator": {"name": "a", "version": "1"}, "pages": [], "entries": entries}}, file)
subprocess.run(["venv/bin/har2warc", "a.har", "a.warc.gz"], check=True)
found = {}
with open("a.warc.gz", "rb") as file:
    for record in ArchiveIterator(file):
        if record.rec_type in {"request", "response"}:
            uri = record.rec_headers.get_header("WARC-Target-URI")
            found[record.rec_type, uri.rpartition("/")[2]] = (record.http_headers.statusline, record.content_stream().read())
for name, what in found.items():
    print(*name, *what)
unchanged = found["response", "GET"][0] == "204 No Content" and found["request", "POST"][1] == b""
unchanged &= found["response", "POST"] == ("200 OK", b"[]")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
