#!/usr/bin/env bash
# A WACZ of two archives that are called alike has both under one name, and half of its pages can't be found.
#
# Guess: `wacz create a/crawl.warc.gz b/crawl.warc.gz` renames one of them, or refuses: inside the WACZ all archives are
# in one folder, and the index names a file and an offset.
# What happens: py-wacz and js-wacz put two members `archive/crawl.warc.gz` into the zip, and the index points to that
# name with the offsets of both. Who opens the member by its name gets one of them, the last in Python, so the pages of
# the other are bytes from the middle of something else. py-wacz prints Python's warning of a duplicate name, js-wacz
# nothing. `wacz validate` fails, and gives no reason.
# Versions: wacz (py-wacz) 0.6.0 with warcio 1.8.1; @harvard-lil/js-wacz 0.1.6 on Node 20.
# Source: run of this script; WACZ 1.1.1 puts all archives into the directory `archive`; zipfile's `open` takes the last
# member of a name.
# In this program: members are read one after another, by their place, and no index is used
# (library/import_export/archive_members.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check wacz==0.6.0 warcio==1.8.1 setuptools==79.0.1
npm install --silent --no-audit --no-fund @harvard-lil/js-wacz@0.1.6 >/dev/null
venv/bin/python - <<'PYTHON'
import gzip, io, json, os, subprocess, sys, zipfile
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

for folder, pages in (("a", ("1", "2")), ("b", ("a page that is longer", "4"))):
    os.mkdir(folder)
    with open(f"{folder}/crawl.warc.gz", "wb") as file:
        writer = WARCWriter(file, gzip=True)
        for page in pages:
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/plain")], protocol="HTTP/1.1")
            address, payload = f"https://example.org/{folder}/{len(page)}{page[0]}", io.BytesIO(page.encode())
            writer.write_record(writer.create_warc_record(address, "response", payload=payload, http_headers=head))


def read(archive, entry):
    data = archive.read(f"archive/{entry['filename']}")[int(entry["offset"]):][: int(entry["length"])]
    try:
        (record,) = ArchiveIterator(io.BytesIO(data))
        return record.rec_headers.get_header("WARC-Target-URI") == entry["url"]
    except Exception:
        return False


commands = {
    "py-wacz": ["venv/bin/wacz", "create", "-o", "py-wacz.wacz", "a/crawl.warc.gz", "b/crawl.warc.gz"],
    "js-wacz": ["npx", "js-wacz", "create", "-f", "*/crawl.warc.gz", "-o", "js-wacz.wacz"],
}
seen = {}
for name, command in commands.items():
    code = subprocess.run(command, capture_output=True).returncode
    with zipfile.ZipFile(f"{name}.wacz") as archive:
        index = next(member for member in archive.namelist() if member.startswith("indexes/index.cdx"))
        text = archive.read(index)
        lines = (gzip.decompress(text) if index.endswith(".gz") else text).decode().splitlines()
        entries = [json.loads(line.split(" ", 2)[2]) for line in lines if not line.startswith("!")]
        readable = sum(read(archive, entry) for entry in entries)
        seen[name] = code, archive.namelist().count("archive/crawl.warc.gz"), len(entries), readable
    print(f"{name}: exit code, members of this name, pages in the index, pages that it finds:", *seen[name])
unchanged = seen == {"py-wacz": (0, 2, 4, 2), "js-wacz": (0, 2, 4, 2)}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
