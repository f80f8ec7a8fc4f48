#!/usr/bin/env bash
# py-wacz calls each WACZ that js-wacz makes invalid, since its archives are hashed twice over.
#
# Guess: A WACZ that one tool makes is valid for the other: both follow WACZ 1.1.1, where datapackage.json has the
# SHA-256 of each file.
# What happens: The hash of an archive fits neither the file nor its unpacked text, so `wacz validate` fails, and who
# checks hashes takes the archive for damaged. js-wacz reads the file as a stream and gives each piece to the hash in
# two ways, so it is hashed twice; a small file's hash is that of its bytes written twice. Indexes and pages are right.
# Versions: @harvard-lil/js-wacz 0.1.6 on Node 20; wacz (py-wacz) 0.6.0 with warcio 1.8.1.
# Source: run of this script; js-wacz/index.js, `sha256`: `hash.update` on data and `stream.pipe(hash)`;
# https://github.com/harvard-lil/js-wacz/issues/127.
# In this program: the records of a WACZ are read, not its hashes (library/import_export/file_reader.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check wacz==0.6.0 warcio==1.8.1 setuptools==79.0.1
npm install --silent --no-audit --no-fund @harvard-lil/js-wacz@0.1.6 >/dev/null
venv/bin/python - <<'PYTHON'
import hashlib, io, json, subprocess, sys, zipfile
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

with open("a.warc.gz", "wb") as file:
    writer = WARCWriter(file, gzip=True)
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    page = io.BytesIO(b"<title>A page</title>")
    writer.write_record(writer.create_warc_record("https://example.org/", "response", payload=page, http_headers=head))
commands = {
    "js-wacz": ["npx", "js-wacz", "create", "-f", "a.warc.gz", "-o", "js-wacz.wacz", "--url", "https://example.org/"],
    "py-wacz": ["venv/bin/wacz", "create", "-o", "py-wacz.wacz", "a.warc.gz"],
}
seen = {}
for name, command in commands.items():
    subprocess.run(command, check=True, capture_output=True)
    with zipfile.ZipFile(f"{name}.wacz") as archive:
        package = json.loads(archive.read("datapackage.json"))
        hashes = {entry["path"]: entry["hash"].removeprefix("sha256:") for entry in package["resources"]}
        fits = {path: hashlib.sha256(archive.read(path)).hexdigest() == given for path, given in hashes.items()}
        data = archive.read("archive/a.warc.gz")
    twice = hashes["archive/a.warc.gz"] == hashlib.sha256(data + data).hexdigest()
    checked = subprocess.run(["venv/bin/wacz", "validate", "-f", f"{name}.wacz"], capture_output=True, text=True)
    valid = "Validation succeeded" in checked.stdout
    seen[name] = fits.pop("archive/a.warc.gz"), all(fits.values()), twice, valid
    print(f"{name}: the archive's hash fits, all others fit, it is that of twice its bytes, valid:", *seen[name])
unchanged = seen == {"js-wacz": (False, True, True, False), "py-wacz": (True, True, False, True)}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
