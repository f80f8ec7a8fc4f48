#!/usr/bin/env bash
# A text of more than 32 KiB comes back from diskcache without its carriage returns.
#
# Guess: `cache[key]` gives the text that was stored, whatever its length: the size decides where it is kept, not what
# it says.
# What happens: Large texts are files, written as they are and read in Python's text mode, which turns CR LF and CR into
# LF. So a raw HTTP message, a CSV by RFC 4180 or a text for which a length or a hash was noted is another one, once it
# has grown. Small texts and bytes stay.
# Versions: diskcache 5.6.3.
# Source: run of this script; diskcache/core.py, Disk.fetch, opens with mode 'r' and no `newline`.
# In this program: only bytes are stored (store/safe_databases.py).
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
LINE = "Content-Type: text/plain\r\n"
seen = {}
for size in (1_000, 100_000):
    text = LINE * (size // len(LINE))
    for name, value in (("text", text), ("bytes", text.encode())):
        cache["value"] = value
        seen[size, name] = cache["value"] == value
        print(f"{size} characters of {name}: stored {len(value)}, got {len(cache['value'])}")
unchanged = seen == {
    (1_000, "text"): True,
    (1_000, "bytes"): True,
    (100_000, "text"): False,
    (100_000, "bytes"): True,
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
