#!/usr/bin/env bash
# `Cache.read` of diskcache returns a file for large values, and the value itself for small ones and for texts.
#
# Guess: `with cache.read(key) as file:` works for every value: the documentation says that it returns a file handle.
# What happens: It does so for bytes of 32 KiB and more, or what was stored with `read=True`. For fewer bytes it returns
# the bytes, and for a text the text, however long. A program that was tried with large pages fails at the first small
# one.
# Versions: diskcache 5.6.3.
# Source: run of this script; https://grantjenks.com/docs/diskcache/api.html#diskcache.Cache.read: 'Return file handle
# value corresponding to key from cache.'
# In this program: values are never read as files (store/safe_databases.py refuses `read`).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check diskcache==5.6.3
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import diskcache

cache = diskcache.Cache("cache")
VALUES = {"few bytes": b"[]", "many bytes": b"[]" * 50_000, "short text": "[]", "long text": "[]" * 50_000}
seen = {}
for name, value in VALUES.items():
    cache[name] = value
    got = cache.read(name)
    seen[name] = type(got).__name__
    if hasattr(got, "close"):
        got.close()
print(seen)
unchanged = seen == {"few bytes": "bytes", "many bytes": "BufferedReader", "short text": "str", "long text": "str"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
