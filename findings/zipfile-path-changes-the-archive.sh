#!/usr/bin/env bash
# zipfile.Path changes the archive that it's given: it then lists folders that are not in it.
#
# Guess: `zipfile.Path(archive)` is a view of an open ZipFile, which stays what it was.
# What happens: the ZipFile's class is replaced, and its `namelist()` also returns the folders that the names imply.
# `infolist()` does not, so the two no longer fit each other; a loop over names then reads folders that nobody stored.
# It's the same for an archive that is being written.
# Versions: Python 3.10 to 3.13 (the Python that runs this is used).
# Source: run of this script.
# In this program: zipfile.Path is not used.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
"$python" - <<'PYTHON'
import io, sys, zipfile

file = io.BytesIO()
with zipfile.ZipFile(file, "w") as archive:
    archive.writestr("lists/things.json", "[]")


def look(archive):
    return type(archive).__name__, archive.namelist(), len(archive.infolist())


archive = zipfile.ZipFile(file)
before = look(archive)
zipfile.Path(archive)
after = look(archive)
print("Python", sys.version.split()[0])
print("before:", before, "| after:", after)
unchanged = before == ("ZipFile", ["lists/things.json"], 1)
unchanged &= after == ("FastLookup", ["lists/things.json", "lists/"], 1)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
