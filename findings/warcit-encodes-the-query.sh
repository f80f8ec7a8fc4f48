#!/usr/bin/env bash
# warcit archives the pages that wget saved under addresses that were never fetched.
#
# Guess: `wget -x` saves `/users/ada?count=5` as the file `users/ada?count=5`; `warcit https://example.org/ FOLDER` makes
# a record of it, with the address that it was fetched from and the type that the name does not tell as binary.
# What happens: the file's name is encoded, so the record has `/users/ada%3fcount%3d5`, which is another address and has
# no query; a replay of `/users/ada?count=5` finds nothing. Without an extension its type is `text/html`.
# Versions: warcit 0.4.0, warcio 1.8.1.
# Source: run of this script; warcit's README, which names no encoding of file names.
# In this program: `import` reads such a name as path and query (library/import_export/request_recognition.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check warcit==0.4.0 warcio==1.8.1 setuptools==79.0.1
mkdir -p site/users
echo '[]' >'site/users/ada?count=5'
venv/bin/warcit -q -o https://example.org/ site
venv/bin/python - <<'PYTHON'
import sys
from warcio.archiveiterator import ArchiveIterator

with open("site.warc.gz", "rb") as file:
    found = [
        (record.rec_headers.get_header("WARC-Target-URI"), record.content_type, record.content_stream().read())
        for record in ArchiveIterator(file)
        if record.rec_type == "resource"
    ]
print(found)
if found != [("https://example.org/users/ada%3fcount%3d5", "text/html", b"[]\n")]:
    sys.exit("This has changed.")
print("As described.")
PYTHON
