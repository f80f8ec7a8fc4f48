#!/usr/bin/env bash
# The two warcio's, Python's and npm's, give one page two digests, so neither knows what the other has archived.
#
# Guess: both come from Webrecorder and write WARC, so the same page has the same `WARC-Payload-Digest`, and an index of
# one tells the other what it need not archive again.
# What happens: Python's writes `sha1:` in base32, npm's `sha256:` in hexadecimal digits. Each verifies, but no page is
# ever found in the index of the other: a deduplicated archive that was begun with one grows by every page once more.
# Versions: Python's warcio 1.8.1; npm's warcio 2.4.11 on Node 20.
# Source: run of this script; the README of npm's warcio, which shows an index with digests in base32.
# In this program: a `revisit` record is resolved by its record id, then by address and date, then by digest
# (library/import_export/importer.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check warcio==1.8.1
npm install --silent --no-audit --no-fund warcio@2.4.11 >/dev/null
cat >write.mjs <<'SCRIPT'
import fs from 'node:fs';
import {WARCRecord, WARCSerializer} from 'warcio';

async function* page() { yield Buffer.from('{"id": 1}'); }
const record = await WARCRecord.create({
  url: 'https://example.org/', date: '2013-05-06T07:08:09Z', type: 'response', warcVersion: 'WARC/1.0',
  statusline: 'HTTP/1.1 200 OK', httpHeaders: {'Content-Type': 'application/json'},
}, page());
fs.writeFileSync('npm.warc', await WARCSerializer.serialize(record, {gzip: false}));
SCRIPT
node write.mjs
venv/bin/python - <<'PYTHON'
import base64, hashlib, io, subprocess, sys
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PAGE = b'{"id": 1}'
with open("python.warc", "wb") as file:
    writer = WARCWriter(file, gzip=False)
    head = StatusAndHeaders("200 OK", [("Content-Type", "application/json")], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record("https://example.org/", "response", payload=io.BytesIO(PAGE), http_headers=head)
    )
found = {}
for name in ("python", "npm"):
    with open(f"{name}.warc", "rb") as file:
        [record] = [(one.rec_headers, one.content_stream().read()) for one in ArchiveIterator(file)]
    subprocess.run(["venv/bin/warcio", "check", f"{name}.warc"], check=True)
    found[name] = record[0].get_header("WARC-Payload-Digest")
    print(f"{name}: {found[name]} of {record[1]}")
expected = {
    "python": f"sha1:{base64.b32encode(hashlib.sha1(PAGE).digest()).decode()}",
    "npm": f"sha256:{hashlib.sha256(PAGE).hexdigest()}",
}
if found != expected:
    sys.exit("This has changed.")
print("As described.")
PYTHON
