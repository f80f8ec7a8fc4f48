#!/usr/bin/env bash
# Two equal tuples can be two keys of a diskcache.
#
# Guess: `cache[(a, b)]` finds what was stored under an equal tuple, as a dict does.
# What happens: a tuple is looked up by its pickle, and pickle writes a text that occurs twice *as the same object*
# as a reference. `(s, s)` and an equal tuple of two separate strings have different bytes, so the second is not
# found, and storing it makes a second row. Whether they are one object depends on where the strings came from (a
# literal, a parser, `str.join`).
# Versions: diskcache 5.6.3, CPython 3.11.7 and 3.13.0.
# Source: run of this script. `JSONDisk` compares the text of the JSON instead.
# In this program: keys are texts made by one function, never tuples.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check diskcache==5.6.3
python=venv/bin/python
"$python" - <<'PYTHON'
import diskcache
import sys

word = "user-flattrs"
same, other = (word, word), (word, "".join(["user-", "flattrs"]))
cache = diskcache.Cache("tuples")
cache[same] = "saved"
print("equal:", same == other, "found by itself:", same in cache, "found by the other:", other in cache)
cache[other] = "again"
print("rows:", len(cache))
as_json = diskcache.Cache("json", disk=diskcache.JSONDisk)
as_json[same] = "saved"
unchanged = same == other and len(cache) == 2 and other in as_json

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
