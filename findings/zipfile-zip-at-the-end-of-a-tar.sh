#!/usr/bin/env bash
# zipfile.is_zipfile calls a tar archive a zip if the last file in it is one.
#
# Guess: is_zipfile is false for a .tar (and for an uncompressed .warc): these have their own first bytes.
# What happens: it is true. A zip is recognized by a record at its end, which is looked for in the last 64 KiB, so
# any file that ends with a stored zip counts. `ZipFile` then opens it and lists the inner zip's files; the tar's
# other files are never seen.
# Versions: CPython 3.11.7 and 3.13.0.
# Source: run of this script; PKWARE's APPNOTE 4.3.16 puts the directory's record at the end.
# In this program: the kind of a file is told by its first bytes, so both containers are read for what they are.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
"$python" - <<'PYTHON'
import io, sys, tarfile, zipfile

inner = io.BytesIO()
with zipfile.ZipFile(inner, "w") as archive:
    archive.writestr("inner.json", "{}")
outer = io.BytesIO()
with tarfile.open(fileobj=outer, mode="w") as archive:
    for name, data in (("2012.json", b"[]"), ("2013.json", b"[]"), ("backup.zip", inner.getvalue())):
        about = tarfile.TarInfo(name)
        about.size = len(data)
        archive.addfile(about, io.BytesIO(data))
outer.seek(0)
is_tar, is_zip = tarfile.is_tarfile(outer), zipfile.is_zipfile(outer)
outer.seek(0)
names = zipfile.ZipFile(outer).namelist()
print("Python", sys.version.split()[0], "is_tarfile", is_tar, "is_zipfile", is_zip, "ZipFile lists", names)
unchanged = is_tar and is_zip and names == ["inner.json"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
