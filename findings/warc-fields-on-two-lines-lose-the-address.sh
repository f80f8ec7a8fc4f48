#!/usr/bin/env bash
# Of an address that a web archive has on a line of its own, warcio makes `%20http://…`, npm's warcio none.
#
# Guess: Every reader of WARC joins a field that goes on in the next line, as readers of HTTP and mail did for decades,
# and takes `warc-type` for `WARC-Type`: both are in the standard.
# What happens: warcio joins the lines, keeps the blank and escapes it; FastWARC and warctools keep it too. npm's warcio
# gives no address, and warc3-wet raises. So such pages are stored and can't be found. FastWARC also refuses an archive
# whose fields are written in small letters. Of six readers, warcat is right in both.
# Versions: warcio 1.8.1, fastwarc 2.0.1, warc3-wet 0.2.5, warctools 5.0.1, warcat 2.2.5; npm's warcio 2.4.11, Node 20.
# Source: run of this script; WARC 1.1, 4: field names are case-insensitive, and a field can be extended over several
# lines, each of which begins with a blank or a tab; such white space means one blank.
# In this program: `import` joins the lines of a field before it looks for the address (library/import_export/warc.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check warcio==1.8.1 fastwarc==2.0.1 warc3-wet==0.2.5 \
  warctools==5.0.1 warcat==2.2.5
npm install --silent --no-audit --no-fund warcio@2.4.11 >/dev/null
cat >read.mjs <<'SCRIPT'
import fs from 'fs';
import {WARCParser} from 'warcio';

const addresses = [];
for await (const record of new WARCParser(fs.createReadStream(process.argv[2]))) {
  addresses.push(record.warcTargetURI ?? null);
  await record.readFully();
}
console.log(JSON.stringify(addresses));
SCRIPT
venv/bin/python -W ignore - <<'PYTHON'
import json, logging, re, subprocess, sys
import warc, warcat.model
from fastwarc.warc import ArchiveIterator as FastIterator
from hanzo.warctools import WarcRecord
from warcio.archiveiterator import ArchiveIterator

logging.disable()
BLOCK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"id": 1}'
HEAD = f"""WARC/1.0
WARC-Type: response
WARC-Target-URI: http://x.example/a
WARC-Date: 2013-05-06T07:08:09Z
WARC-Record-ID: <urn:uuid:11111111-1111-1111-1111-111111111111>
Content-Type: application/http; msgtype=response
Content-Length: {len(BLOCK)}
""".replace("\n", "\r\n")
HEADS = {
    "plain": HEAD,
    "two lines": HEAD.replace("Target-URI: ", "Target-URI:\r\n "),
    "small letters": re.sub("(?m)^[A-Z][A-Za-z-]+:", lambda name: name[0].lower(), HEAD),
}


def by_warcat(path):
    archive = warcat.model.WARC()
    archive.load(path)
    return [record.header.fields["WARC-Target-URI"] for record in archive.records]


def by_node(path):
    return json.loads(subprocess.run(["node", "read.mjs", path], capture_output=True, check=True).stdout)


READERS = {
    "warcio": lambda path: [one.rec_headers.get_header("WARC-Target-URI") for one in ArchiveIterator(open(path, "rb"))],
    "FastWARC": lambda path: [one.headers.get("WARC-Target-URI") for one in FastIterator(open(path, "rb"))],
    "warctools": lambda path: [one.url.decode() for _, one, _ in WarcRecord.open_archive(path).read_records() if one],
    "npm's warcio": by_node,
    "warc3-wet": lambda path: [record.url for record in warc.WARCFile(fileobj=open(path, "rb"))],
    "warcat": by_warcat,
}
seen = {}
for name, read in READERS.items():
    seen[name] = []
    for head, text in HEADS.items():
        with open("x.warc", "w", newline="") as file:
            file.write(f"{text}\r\n{BLOCK}\r\n\r\n")
        try:
            [address] = read("x.warc")
        except OSError:
            address = "error"
        seen[name].append(address)
    print(f"{name}: {dict(zip(HEADS, seen[name]))}")
right = "http://x.example/a"
unchanged = seen == {
    "warcio": [right, f"%20{right}", right],
    "FastWARC": [right, f" {right}", "error"],
    "warctools": [right, f" {right}", right],
    "npm's warcio": [right, None, right],
    "warc3-wet": [right, "error", right],
    "warcat": [right, right, right],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
