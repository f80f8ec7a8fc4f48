#!/usr/bin/env bash
# surt gives two pages that differ in the case of their path one key.
#
# Guess: the sort key of a capture keeps what a server tells apart: scheme and host may be folded, path and query not
# (RFC 3986, 6.2.2.1).
# What happens: the whole address is in lower case in the key, so two videos or two user names of a case-sensitive
# site are one entry of a CDX index. Parameters are sorted, and `www2.` goes as well.
# Versions: surt 0.3.1.
# Source: run of this script. pywb and cdxj-indexer sort their indexes by this key.
# In this program: captures are matched by the address that stands in the record, never by a key of an index.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check surt==0.3.1 'setuptools<81'
python=venv/bin/python
"$python" - <<'PYTHON'
import surt
import sys

pairs = (
    ("https://www.youtube.com/watch?v=AbC", "https://youtube.com/watch?v=abc"),
    ("http://example.org/People/Ada", "http://www2.example.org/people/ada"),
    ("http://example.org/?b=1&a=2", "http://example.org/?a=2&b=1"),
)
keys = [[surt.surt(address) for address in pair] for pair in pairs]
for pair, key in zip(pairs, keys):
    print(*pair, "->", *key)
unchanged = all(one == other for one, other in keys)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
