#!/usr/bin/env bash
# For a date that has changed, fast-json-patch writes 24 operations that change nothing, and rfc6902 writes none.
#
# Guess: `compare(before, after)` of objects with a Date in them, as databases give them, replaces it by the text that
# JSON has for it. A peer that applies the patch has what the other one has.
# What happens: fast-json-patch takes the new date's text apart and adds each letter to the old text, as if that were a
# list: `add /at/0 "2"`. Applied to the JSON of the old object by fast-json-patch itself, the operations succeed, and
# the date stays what it was; only with validation switched on is there an error, as in Python's jsonpatch. rfc6902 sees
# two objects without members: no difference. Dates that were made texts before, by JSON.parse(JSON.stringify(…)), are
# compared well by both.
# Versions: fast-json-patch 3.1.1, rfc6902 5.4.0 on Node 20; jsonpatch 1.48.
# Source: run of this script; RFC 6902, 4: a location within a text doesn't exist, so adding to it is an error.
# In this program: times are integers, and changes are told by comparing entities (store/change_log.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check jsonpatch==1.48
npm install --silent --no-audit --no-fund fast-json-patch@3.1.1 rfc6902@5.4.0 >/dev/null
cat >compare.mjs <<'SCRIPT'
import fastJsonPatch from 'fast-json-patch';
import {createPatch} from 'rfc6902';

const plain = value => JSON.parse(JSON.stringify(value));
const before = {at: new Date('2013-05-01T10:00:00Z')};
const after = {at: new Date('2014-05-01T10:00:00Z')};
const patch = plain(fastJsonPatch.compare(before, after));
console.log(JSON.stringify({
  patch,
  applied: fastJsonPatch.applyPatch(plain(before), patch).newDocument,
  validated: fastJsonPatch.validate(patch, plain(before))?.name ?? null,
  rfc6902: createPatch(before, after),
  texts: [fastJsonPatch.compare(plain(before), plain(after)), createPatch(plain(before), plain(after))],
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import jsonpatch

BEFORE = {"at": "2013-05-01T10:00:00.000Z"}
node = subprocess.run(["node", "compare.mjs"], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
try:
    by_python = jsonpatch.apply_patch(BEFORE, seen["patch"])
except jsonpatch.JsonPointerException as error:
    by_python = type(error).__name__
print("fast-json-patch:", len(seen["patch"]), "operations:", *map(json.dumps, seen["patch"][:2]), "…")
print("applied by itself:", seen["applied"], "validated:", seen["validated"], "by Python's jsonpatch:", by_python)
print("rfc6902:", seen["rfc6902"])
print("of texts:", *map(json.dumps, seen["texts"]))
unchanged = len(seen["patch"]) == 24 and seen["patch"][0] == {"op": "add", "path": "/at/0", "value": "2"}
unchanged &= seen["applied"] == BEFORE and seen["rfc6902"] == [] and by_python == "JsonPointerException"
unchanged &= seen["validated"] == "OPERATION_PATH_UNRESOLVABLE"
replaced = [{"op": "replace", "path": "/at", "value": "2014-05-01T10:00:00.000Z"}]
unchanged &= seen["texts"] == [replaced, replaced]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
