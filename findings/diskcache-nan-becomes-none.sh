#!/usr/bin/env bash
# diskcache gives None for a NaN that was stored.
#
# Guess: `cache[key] = float('nan')` gives NaN back, or refuses it: other values that SQLite can't hold are pickled,
# such as integers over 63 bits.
# What happens: Floats go to SQLite as they are, and SQLite stores NaN as NULL. The value is None, in a Deque and an
# Index too, and `get(key, default)` gives None instead of the default. Infinity stays. A key that is NaN is never found
# again, though `len` counts it.
# Versions: diskcache 5.6.3.
# Source: run of this script; https://www.sqlite.org/floatingpoint.html, 'NaN'.
# In this program: only bytes are stored, under texts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check diskcache==5.6.3
python=venv/bin/python
"$python" - <<'PYTHON'
import math, sys
import diskcache

cache = diskcache.Cache("cache")
cache["nan"], cache["infinity"] = math.nan, math.inf
cache[math.nan] = "x"
values = [cache["nan"], cache.get("nan", 0), cache["infinity"], list(diskcache.Deque([1.5, math.nan], "deque"))]
print("NaN, NaN with a default, infinity, a Deque:", values)
print("rows:", len(cache), "| is the key NaN in it:", math.nan in cache)
unchanged = values == [None, None, math.inf, [1.5, None]] and len(cache) == 3 and math.nan not in cache

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
