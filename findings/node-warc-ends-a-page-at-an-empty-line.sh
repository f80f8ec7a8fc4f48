#!/usr/bin/env bash
# node-warc gives a page up to its first empty line.
#
# Guess: a record's block has `Content-Length` bytes, so the page in it is whole, whatever is in it.
# What happens: records are read line by line, and an empty line (CRLF) ends the part that it is in. `one CRLF two CRLF
# CRLF three` comes out as `one CRLF two CRLF`, without an error; a page on one line gets a line end that it did not
# have. Lines that end with LF alone are whole, so most pages look right. warcio has every byte.
# Versions: node-warc 3.3.1 on Node 20; warcio 1.8.1 for comparison.
# Source: run of this script; node-warc/lib/parsers/warcStreamTransform.js, which splits at CRLF. ISO 28500:
# `Content-Length` is the number of octets in the block.
# In this program: a record ends where its length says, if another record or the end follows (library/import_export/warc.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check warcio==1.8.1
npm install --silent --no-audit --no-fund --ignore-scripts node-warc@3.3.1 >/dev/null
venv/bin/python - <<'PYTHON'
import io, json, subprocess, sys
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PAGES = [b"one\r\ntwo\r\n\r\nthree", b"one", b"one\ntwo\n\nthree\n"]
READ = """
const {WARCStreamTransform} = require('node-warc'), seen = [];
const show = () => { console.log(JSON.stringify(seen)); process.exit(0); };
require('fs').createReadStream('a.warc').pipe(new WARCStreamTransform())
  .on('data', record => seen.push(record.content.toString())).on('end', show).on('error', show);
"""
with open("a.warc", "wb") as file:
    writer = WARCWriter(file, gzip=False)
    for page in PAGES:
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/plain")], protocol="HTTP/1.1")
        writer.write_record(
            writer.create_warc_record("https://example.org/", "response", payload=io.BytesIO(page), http_headers=head)
        )
with open("a.warc", "rb") as file:
    assert [record.content_stream().read() for record in ArchiveIterator(file)] == PAGES
read = json.loads(subprocess.run(["node", "-e", READ], capture_output=True, text=True, check=True).stdout)
for page, seen in zip(PAGES, read):
    print(page, "is read as", seen.encode())
if read != ["one\r\ntwo\r\n", "one\r\n", "one\ntwo\n\nthree\n\r\n"]:
    sys.exit("This has changed.")
print("As described.")
PYTHON
