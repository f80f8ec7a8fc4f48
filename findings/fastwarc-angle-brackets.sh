#!/usr/bin/env bash
# The two readers of WARC disagree about the address in wget's archives.
#
# Guess: `WARC-Target-URI` is the address in both warcio and FastWARC.
# What happens: GNU wget writes it in angle brackets, as the draft of WARC 1.0 showed it. warcio takes them away;
# FastWARC hands on `<http://…>`, with which no comparison and no URL parser gets anywhere.
# Versions: fastwarc 2.0.1, warcio 1.8.1; wget 1.21 writes the brackets.
# Source: run of this script; WARC 1.0, 5.11, errata: brackets were never meant.
# In this program: brackets are taken away when a record's head is read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check fastwarc==2.0.1 warcio==1.8.1
python=venv/bin/python
"$python" - <<'PYTHON'
import io
import sys
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

http = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}"
head = (
    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <http://api.flattr.com/rest/v2/things/1>\r\n"
    "WARC-Date: 2013-05-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
    f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
)
data = head.encode() + http + b"\r\n\r\n"
(by_warcio,) = (record.rec_headers.get_header("WARC-Target-URI") for record in ArchiveIterator(io.BytesIO(data)))
(by_fastwarc,) = (record.headers["WARC-Target-URI"] for record in FastIterator(io.BytesIO(data)))
print("warcio", by_warcio, "| FastWARC", by_fastwarc)
unchanged = by_fastwarc == f"<{by_warcio}>"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
