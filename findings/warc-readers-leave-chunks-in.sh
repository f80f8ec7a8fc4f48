#!/usr/bin/env bash
# Three readers of web archives give three texts for one chunked page.
#
# Guess: warcio, warcio.js and FastWARC undo `Transfer-Encoding: chunked` in every form that a browser reads: with a
# capital letter, with extensions behind a chunk's size, and with trailer fields behind the last chunk.
# What happens: for `Chunked` both warcios leave the sizes in the text. Trailer fields become the end of the text,
# without a sign: warcio even adds the zero and takes two letters away (`0\r\nT: y`), warcio.js adds them whole.
# FastWARC refuses a page with an extension; one with trailers it reads, but then it can't find the next record, so the
# rest of the archive is lost.
# Versions: warcio 1.8.1, fastwarc 2.0.1, npm's warcio 2.4.11 on Node 20.
# Source: run of this script; RFC 9112, 7 (names of codings are case-insensitive), 7.1.1 and 7.1.2.
# In this program: all of these forms are read (library/import_export/captured_response.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check warcio==1.8.1 fastwarc==2.0.1 'setuptools<81'
npm install --silent --no-audit --no-fund warcio@2.4.11 >/dev/null
cat >read.mjs <<'SCRIPT'
import fs from 'fs';
import {WARCParser} from 'warcio';

for await (const record of new WARCParser(fs.createReadStream(process.argv[2]))) {
  process.stdout.write(await record.contentText());
  break;
}
SCRIPT
venv/bin/python - <<'PYTHON'
import subprocess, sys
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

PAGES = {
    "plain": ("chunked", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
    "capital": ("Chunked", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
    "extension": ("chunked", "5;a=b\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
    "trailer": ("chunked", "5\r\nhello\r\n6\r\n world\r\n0\r\nX-T: y\r\n\r\n"),
}


def by_warcio(path):
    with open(path, "rb") as file:
        return next(ArchiveIterator(file)).content_stream().read().decode()


def by_fastwarc(path):
    texts = []
    with open(path, "rb") as file:
        try:
            for record in FastIterator(file, parse_http=True, auto_decode="all"):
                texts.append(record.reader.read().decode())
        except OSError:
            texts.append("error")
    return ", ".join(texts)


def by_node(path):
    return subprocess.run(["node", "read.mjs", path], capture_output=True, check=True).stdout.decode()


seen = {}
for name, (coding, body) in PAGES.items():
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: {coding}\r\n\r\n{body}"
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://server.example/\r\n"
        "WARC-Date: 2013-05-01T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-123456789012>\r\n"
        f"Content-Type: application/http;msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    path = f"{name}.warc"
    with open(path, "w", newline="") as file:
        file.write(2 * (head + http + "\r\n\r\n"))
    seen[name] = [by_warcio(path), by_node(path), by_fastwarc(path)]
    for reader, text in zip(("warcio", "warcio.js", "FastWARC"), seen[name]):
        print(f"{name}, {reader}: {text!r}")
raw = PAGES["capital"][1]
unchanged = seen == {
    "plain": ["hello world", "hello world", "hello world, hello world"],
    "capital": [raw, raw, "hello world, hello world"],
    "extension": ["hello world", "hello world", "error"],
    "trailer": ["hello world0\r\nT: y\r\n\r\n", "hello worldX-T: y\r\n\r\n", "hello world, error"],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
