#!/usr/bin/env bash
# `warcio recompress` changes what a server sent: `Jürgen` in a header becomes `J%C3%BCrgen`.
#
# Guess: A record that is read and written again is the same, byte for byte; recompressing changes the packing alone.
# What happens: Letters outside ASCII in an HTTP header are percent-encoded when a record is written whose head was
# parsed, and so is a Location. The record's Content-Length and the digests are computed anew, so no check finds it, and
# a redirect or a file name of the archive is another one than that of the site.
# Versions: warcio 1.8.1.
# Source: run of this script; WARC 1.1, 5.10: a response's block is the HTTP response as it came.
# In this program: archives are read only; a header's bytes are decoded as they stand
# (library/import_export/warc.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check warcio==1.8.1
python=venv/bin/python
"$python" - <<'PYTHON'
import gzip, subprocess, sys

http = "HTTP/1.1 302 Found\r\nX-Author: J\u00fcrgen\r\nLocation: /caf\u00e9\r\n\r\n".encode()
head = (
    "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://example.org/\r\nWARC-Date: 2013-05-01T00:00:00Z\r\n"
    "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000001>\r\n"
    f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
)
with gzip.open("whole.warc.gz", "wb") as file:
    file.write(head.encode() + http + b"\r\n\r\n")
subprocess.run(["venv/bin/warcio", "recompress", "whole.warc.gz", "again.warc.gz"], check=True, capture_output=True)
again = gzip.open("again.warc.gz").read()
checked = subprocess.run(["venv/bin/warcio", "check", "again.warc.gz"]).returncode
before = [line for line in http.split(b"\r\n") if b": " in line]
after = [line for line in again.split(b"\r\n") if line.startswith((b"X-Author", b"Location"))]
print("before:", *before)
print("after: ", *after, "| warcio check:", checked)
unchanged = after == [b"X-Author: J%C3%BCrgen", b"Location: /caf%C3%A9"] and checked == 0

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
