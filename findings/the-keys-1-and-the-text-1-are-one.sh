#!/usr/bin/env bash
# In sqlitedict, pickleDB and klepto's folders, the values of the keys 1 and "1" are one: the last one that was stored.
#
# Guess: What takes any key and says to be a dictionary keeps 1 and "1" apart, or refuses one of them.
# What happens: They make a text of the key. sqlitedict and pickleDB answer for both, and list the text alone, so a loop
# over the keys gives back others than were stored. klepto's folder has the last one alone, and after the next start it
# has no key 1. klepto's file keeps both, and shelve refuses what is no text.
# Versions: sqlitedict 2.1.0, pickledb 1.6, klepto 0.2.8.
# Source: run of this script; their READMEs: "a persistent dictionary", "key-value store".
# In this program: all keys are texts, which say what kind of id is in them (store/stored_response.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check sqlitedict==2.1.0 pickledb==1.6 klepto==0.2.8
venv/bin/python -W ignore - <<'PYTHON'
import shelve, sys
import pickledb
from klepto.archives import dir_archive, file_archive
from sqlitedict import SqliteDict

VALUES = {1: "number", "1": "text"}


def by_sqlitedict():
    with SqliteDict("sqlitedict.db") as stored:
        for key, value in VALUES.items():
            stored[key] = value
        stored.commit()
    with SqliteDict("sqlitedict.db") as stored:
        return [stored[key] for key in VALUES], list(stored.keys())


def by_pickledb():
    stored = pickledb.PickleDB("pickledb.json")
    for key, value in VALUES.items():
        stored.set(key, value)
    return [stored.get(key) for key in VALUES], list(stored.all())


def by_klepto(kind, name):
    archive = kind(name, {}, serialized=True)
    archive.update(VALUES)
    archive.dump()
    again = kind(name, {}, serialized=True)
    again.load()
    return [again.get(key) for key in VALUES], list(again.keys())


seen = {
    "sqlitedict": by_sqlitedict(),
    "pickleDB": by_pickledb(),
    "klepto, folder": by_klepto(dir_archive, "folder"),
    "klepto, file": by_klepto(file_archive, "file"),
}
for name, (values, keys) in seen.items():
    print(f"{name}: values of 1 and '1': {values}; keys: {keys}")
try:
    with shelve.open("shelf") as shelf:
        shelf[1] = "number"
    refused = False
except AttributeError:
    refused = True
print("shelve refuses 1:", refused)
unchanged = seen["sqlitedict"] == seen["pickleDB"] == (["text", "text"], ["1"]) and refused
unchanged &= len(seen["klepto, folder"][1]) == 1 and seen["klepto, file"] == (["number", "text"], [1, "1"])

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
