#!/usr/bin/env bash
# Three normalizers of addresses break those of the Wayback Machine: the inner `https://` becomes `https:/`.
#
# Guess: A normalizer changes nothing that a server may tell apart:
# `https://web.archive.org/web/2016/https://example.org/a` stays as it is, since two slashes in a path are not one (RFC
# 3986, 6.2.2).
# What happens: url-normalize, courlan and ural make one slash of two. ural's `normalize_url` also takes `?url=` of any
# address for the target of a redirect, so a Flattr button, `https://flattr.com/submit/auto?url=…`, becomes the page
# that it is on. courlan drops a parameter without a value, and `ref`. w3lib and rfc3986 keep the slashes. The archive
# itself often answers both forms, but a store of addresses has two pages for one, and a compare with a CDX finds
# nothing.
# Versions: url-normalize 3.1.0, courlan 1.4.0, ural 1.6.2; w3lib 2.5.0, rfc3986 2.0.0 for comparison.
# Source: run of this script; RFC 3986, 3.3: a path's segments may be empty, and 6.2.2 names no removal of them.
# In this program: an address in a path is kept as it stands (library/import_export/request_recognition.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check url-normalize==3.1.0 courlan==1.4.0 ural==1.6.2 \
  w3lib==2.5.0 rfc3986==2.0.0
venv/bin/python - <<'PYTHON'
import sys
import courlan, rfc3986, ural, url_normalize, w3lib.url

FUNCTIONS = {
    "url-normalize": url_normalize.url_normalize,
    "courlan": courlan.normalize_url,
    "ural": ural.canonicalize_url,
    "ural, normalize_url": ural.normalize_url,
    "w3lib": w3lib.url.canonicalize_url,
    "rfc3986": rfc3986.normalize_uri,
}
ARCHIVED = "https://web.archive.org/web/2016/https://example.org/a"
BUTTON = "https://flattr.com/submit/auto?url=http%3A%2F%2Fexample.org%2F1"
PAGE = "https://example.org/a?ref=1&print"
seen = {name: (function(ARCHIVED), function(BUTTON), function(PAGE)) for name, function in FUNCTIONS.items()}
for name, addresses in seen.items():
    print(f"{name}:", *addresses)
broken = {name for name, addresses in seen.items() if "https:/example.org" in addresses[0]}
unchanged = broken == {"url-normalize", "courlan", "ural", "ural, normalize_url"}
unchanged &= seen["w3lib"][0] == seen["rfc3986"][0] == ARCHIVED
unchanged &= seen["ural, normalize_url"][1] == "example.org/1" and seen["courlan"][2] == "https://example.org/a"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
