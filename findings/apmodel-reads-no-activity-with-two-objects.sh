#!/usr/bin/env bash
# apmodel reads a Like of one thing, and gives None for a Like of two.
#
# Guess: A library for ActivityStreams reads activities with a list where there's often one value: two objects, two
# types, the second of which is one's own. What it doesn't know it keeps, or it says that it can't.
# What happens: apmodel.load returns None, without an error, if `object` is a list of addresses, or `type` a list, such
# as Like and an extension. An object within the activity is read, with its unknown members. What it writes again has
# empty `tag` and `attachment` in the activity and in each object, which the sender hadn't written, so it isn't what was
# signed.
# Versions: apmodel 0.5.4.
# Source: run of this script; ActivityStreams 2.0, Vocabulary, 'object': not functional, so there may be several; Core,
# 4.1: the type property may have several values.
# In this program: activities of version 1.0 are read, with one object (library/import_export/web_feeds.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check apmodel==0.5.4
venv/bin/python -W ignore - <<'PYTHON'
import sys
import apmodel

LIKE = {
    "@context": "https://www.w3.org/ns/activitystreams",
    "type": "Like",
    "id": "https://h/likes/1",
    "actor": "https://h/ada",
    "object": "https://h/things/1",
}
MORE = {
    "one": {},
    "two objects": {"object": ["https://h/things/1", "https://h/things/2"]},
    "two types": {"type": ["Like", "https://h/ns#Flattr"]},
    "an object within": {"object": {"type": "Article", "id": "https://h/things/1", "https://h/ns#clicks": 7}},
}
seen = {}
for name, members in MORE.items():
    read = apmodel.load(LIKE | members)
    seen[name] = None if read is None else apmodel.to_dict(read)
    print(f"{name}: {seen[name]}")
unchanged = seen["two objects"] is None and seen["two types"] is None
unchanged &= seen["one"]["object"] == LIKE["object"] and seen["one"]["tag"] == seen["one"]["attachment"] == []
unchanged &= seen["an object within"]["object"]["https://h/ns#clicks"] == 7

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
