#!/usr/bin/env bash
# ijson finds the member `user.name` for the prefix that means `name` in `user`.
#
# Guess: The prefix `user.name` is the member `name` of the member `user`; a name with a dot in it is escaped somehow,
# or can't be addressed. `things.item` means the elements of an array.
# What happens: The names on the way are joined with dots and compared as one text, so `user.name` finds both, in the
# order of the file, and `things.item` finds the elements of the array `things`, a member `item` of an object `things`,
# and a member that is called `things.item`. Names with dots are common: host names, settings, fields of a search index.
# Nothing tells them apart but `ijson.parse` with a stack of one's own.
# Versions: ijson 3.6.0, each of its backends.
# Source: run of this script; ijson/common.py, `parse_basecoro`; the README describes a prefix as a path and names no
# dots.
# In this program: responses are decoded whole by msgspec; a saved page has at most 16 MiB.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check ijson==3.6.0
venv/bin/python - <<'PYTHON'
import io, sys
import ijson

CASES = (
    ("user.name", b'{"user": {"name": "ada"}, "user.name": "other"}'),
    ("things.item", b'{"things": [1, 2], "things.item": 3}'),
    ("things.item", b'{"things": {"item": 4}}'),
)
seen = {}
for backend in ijson.ALL_BACKENDS:
    try:
        module = ijson.get_backend(backend)
    except ImportError:
        continue
    seen[backend] = [list(module.items(io.BytesIO(text), prefix)) for prefix, text in CASES]
print("backends:", *seen)
for number, (prefix, text) in enumerate(CASES):
    print(f"{prefix} in {text.decode()}: {seen['python'][number]}")
unchanged = all(found == [["ada", "other"], [1, 2, 3], [4]] for found in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
