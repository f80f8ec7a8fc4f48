#!/usr/bin/env bash
# A page that a web archive has in two segments is half a page for three readers of WARC, without an error.
#
# Guess: Readers join a `response` and the `continuation` that belongs to it; that is what segments are for. Or they say
# that they can't.
# What happens: warcio, FastWARC and npm's warcio give the first segment as the response, and the second as a record of
# its own, whose type most programs skip. `warcio check` finds nothing wrong, and cdxj-indexer writes a digest
# of the half page. Only `WARC-Segment-Number` tells, which none of them looks at.
# Versions: warcio 1.8.1, fastwarc 2.0.1, cdxj-indexer 1.5.0; npm's warcio 2.4.11 on Node 20.
# Source: run of this script; WARC 1.1, WARC-Segment-Origin-ID: the segments are put together to the whole block.
# In this program: `import` leaves such a page out and names it, since its JSON is cut (library/import_export/warc.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check warcio==1.8.1 fastwarc==2.0.1 cdxj-indexer==1.5.0
npm install --silent --no-audit --no-fund warcio@2.4.11 >/dev/null
cat >read.mjs <<'SCRIPT'
import fs from 'fs';
import {WARCParser} from 'warcio';

const found = [];
for await (const record of new WARCParser(fs.createReadStream(process.argv[2]))) {
  found.push([record.warcType, new TextDecoder().decode(await record.readFully())]);
}
console.log(JSON.stringify(found));
SCRIPT
venv/bin/python -W ignore - <<'PYTHON'
import base64, hashlib, json, subprocess, sys
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

HEAD, PARTS = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", ['{"title": "free', ' music"}']
FIRST = "<urn:uuid:11111111-1111-1111-1111-111111111111>"


def make_record(number, kind, block, *lines):
    head = [
        "WARC/1.1", f"WARC-Type: {kind}", "WARC-Target-URI: http://x.example/a", "WARC-Date: 2013-05-06T07:08:09Z",
        f"WARC-Record-ID: {FIRST.replace('1' * 8, str(number) * 8)}", f"WARC-Segment-Number: {number}",
        f"Content-Length: {len(block)}", *lines,
    ]
    return "\r\n".join([*head, "", block, "", ""])


whole = len(HEAD + "".join(PARTS))
with open("x.warc", "w", newline="") as file:
    file.write(make_record(1, "response", HEAD + PARTS[0], "Content-Type: application/http;msgtype=response"))
    ending = (f"WARC-Segment-Origin-ID: {FIRST}", f"WARC-Segment-Total-Length: {whole}")
    file.write(make_record(2, "continuation", PARTS[1], *ending))


def by_tool(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


seen = {
    "warcio": [[one.rec_type, one.content_stream().read().decode()] for one in ArchiveIterator(open("x.warc", "rb"))],
    "FastWARC": [
        [one.headers["WARC-Type"], one.reader.read().decode()] for one in FastIterator(open("x.warc", "rb"))
    ],
    "npm's warcio": json.loads(by_tool("node", "read.mjs", "x.warc")),
}
for name, found in seen.items():
    print(f"{name}: {found}")
by_tool("venv/bin/warcio", "check", "x.warc")
index = by_tool("venv/bin/cdxj-indexer", "x.warc").splitlines()
digest = base64.b32encode(hashlib.sha1(PARTS[0].encode()).digest()).decode()
print("cdxj-indexer:", index)
unchanged = all(found == [["response", PARTS[0]], ["continuation", PARTS[1]]] for found in seen.values())
unchanged &= len(index) == 1 and digest in index[0]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
