#!/usr/bin/env bash
# joblib computes again for a list that equals the last one, because its two parts were the same object then.
#
# Guess: `joblib.hash` depends on the value, so that a cached function is called once for equal arguments.
# What happens: It hashes a pickle, in which an object that occurs twice is written once and referred to. A list with
# one dictionary twice has another hash than the same list from JSON, in which they are two. So what a program has built
# itself is not found again after it was saved and loaded, in the same process or in the next. Equal texts are right.
# Versions: joblib 1.6.0.
# Source: run of this script; joblib/hashing.py, where texts and bytes are left out of the pickle's memory.
# In this program: keys of saved responses are texts made of the request (store/stored_response.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check joblib==1.6.0
venv/bin/python - <<'PYTHON'
import json, sys
import joblib

calls = []


@joblib.Memory("cache", verbose=0).cache
def search(filters):
    calls.append(filters)
    return len(filters)


tag = {"tag": "free music"}
pairs = {
    "one dictionary twice": [tag, tag],
    "one text twice": ["free music"] * 2,
    "two dictionaries": [{"tag": "free"}, {"tag": "music"}],
}
seen = {}
for name, value in pairs.items():
    loaded = json.loads(json.dumps(value))
    calls.clear()
    search(value), search(value), search(loaded)
    seen[name] = (value == loaded, joblib.hash(value) == joblib.hash(loaded), len(calls))
    print(f"{name}: equal {seen[name][0]}, equal hash {seen[name][1]}, computed {seen[name][2]} times")
unchanged = list(seen.values()) == [(True, False, 2), (True, True, 1), (True, True, 1)]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
