#!/usr/bin/env bash
# A web archive with one page that is dated to the month can't be indexed at all by cdxj-indexer and py-wacz.
#
# Guess: WARC 1.1 allows `WARC-Date: 2013-05`, so an indexer writes 20130501000000, or leaves that page out.
# What happens: Both stop with a TypeError, and all other pages of the archive are in no index and in no WACZ. npm's
# warcio writes `201305`, and for a date to the minute `201305060708Z`, which is no time of an index: readers that want
# 14 digits don't find the page, or not at its place.
# Versions: cdxj-indexer 1.5.0, wacz 0.6.0 (py-wacz), warcio 1.8.1; npm's warcio 2.4.11 on Node 20.
# Source: run of this script; WARC 1.1, 5.4: WARC-Date may be of any of the granularities of W3CDTF.
# In this program: `import` reads such dates (library/import_export/captured_response.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check cdxj-indexer==1.5.0 wacz==0.6.0 warcio==1.8.1
npm install --silent --no-audit --no-fund warcio@2.4.11 >/dev/null
venv/bin/python -W ignore - <<'PYTHON'
import io, subprocess, sys
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

DATES = ["2013-05-06T07:08:09Z", "2013-05-06T07:08:09.123456Z", "2013-05-06T07:08Z", "2013-05-06", "2013-05"]


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else done.stderr.strip().splitlines()[-1].split(":")[0]


seen = {}
for date in DATES:
    with open("x.warc", "wb") as file:
        writer = WARCWriter(file, gzip=False, warc_version="1.1")
        headers = StatusAndHeaders("200 OK", [("Content-Type", "application/json")], protocol="HTTP/1.1")
        dated = {"WARC-Date": date}
        page = {"payload": io.BytesIO(b"{}"), "http_headers": headers, "warc_headers_dict": dated}
        writer.write_record(writer.create_warc_record("http://x.example/", "response", **page))
    by_python = run("venv/bin/cdxj-indexer", "x.warc").split(" {")[0].split(" ")[-1]
    by_node = run("npx", "warcio", "cdx-index", "x.warc").split(" {")[0].split(" ")[-1]
    wacz = run("venv/bin/wacz", "create", "-f", "x.warc", "-o", "x.wacz")
    seen[date] = (by_python, wacz if wacz.endswith("Error") else "made", by_node)
    print(f"{date}: cdxj-indexer {seen[date][0]}, WACZ {seen[date][1]}, npm's warcio {seen[date][2]}")
unchanged = list(seen.values()) == [
    ("20130506070809", "made", "20130506070809"),
    ("20130506070809", "made", "20130506070809"),
    ("20130506070800", "made", "201305060708Z"),
    ("20130506000000", "made", "20130506"),
    ("TypeError", "TypeError", "201305"),
]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
