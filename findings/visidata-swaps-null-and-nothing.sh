#!/usr/bin/env bash
# VisiData leaves out the nulls of a file of JSON lines, and writes nulls where there were none.
#
# Guess: A file that VisiData opens and saves again has the same members in each object, in whatever order:
# `vd -b a.jsonl -o b.jsonl` converts nothing.
# What happens: The first object gets a null for each member that only later ones have. In the others each null is left
# out. So `"url": null`, which deletes a value in a JSON Merge Patch (RFC 7396), becomes no change, and a first object
# that said nothing about it deletes it. Numbers, lists and texts stay as they were, large integers too. The file is
# smaller, and no message says so. It's the same for .json.
# Versions: visidata 3.4.
# Source: run of this script; visidata/loaders/json.py, `write_jsonl`: `keep_nulls=(i==0)`.
# In this program: exports have no nulls, and the import reads a null like a missing member
# (library/import_export/exporter.py, model/record_reader.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export HOME=$folder
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check visidata==3.4
venv/bin/python - <<'PYTHON'
import json, subprocess, sys

ROWS = [
    {"id": 12345678901234567890, "title": "007", "amount": 0.95, "tags": ["a", "b"]},
    {"id": 2, "title": "b", "amount": None, "url": None},
    {"id": 3, "title": None, "url": "https://h/"},
]
EXPECTED = [
    {"id": 12345678901234567890, "title": "007", "amount": 0.95, "tags": ["a", "b"], "url": None},
    {"id": 2, "title": "b"},
    {"id": 3, "url": "https://h/"},
]
with open("a.jsonl", "w") as file:
    file.writelines(json.dumps(row) + "\n" for row in ROWS)
for name in ("b.jsonl", "b.json"):
    subprocess.run(["venv/bin/vd", "-b", "a.jsonl", "-o", name], capture_output=True, check=True)
with open("b.jsonl") as file:
    lines = [json.loads(line) for line in file]
with open("b.json") as file:
    array = json.load(file)
for before, after in zip(ROWS, lines, strict=True):
    print(json.dumps(before), "becomes", json.dumps(after))
unchanged = lines == array == EXPECTED

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
