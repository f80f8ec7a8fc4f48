#!/usr/bin/env bash
# Python's tarfile, asked for a stream (`r|gz`), ends without an error where the first gzip member ends.
#
# Guess: a .tar.gz that was written in several gzip members (pigz, bgzip, `cat a.gz b.gz`, log rotation) lists the
# same files in the mode `r|gz` as in `r:gz`, as `tar tzf` and gunzip do.
# What happens: `r|gz`, `r|*`, `r|bz2` and `r|xz` read the first member and stop. The archive looks shorter than it
# is, and nothing is raised.
# Versions: CPython 3.11.7 and 3.13.0; backports.zstd 1.8.0 has the same in `r|zst`.
# Source: run of this script; RFC 1952, 2.2 allows several members in a file; tarfile's documentation describes
# `r|gz` as the same archive read without seeking.
# In this program: archives are unpacked by our own bounded stream and read with `r:`, which goes on to the end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python=${PYTHON:-python3}
"$python" - <<'PYTHON'
import bz2, gzip, io, lzma, sys, tarfile

plain = io.BytesIO()
with tarfile.open(fileobj=plain, mode="w") as archive:
    for name in ("2011.json", "2012.json", "2013.json"):
        archive.addfile(tarfile.TarInfo(name))
data = plain.getvalue()


def listed(mode, packed):
    with tarfile.open(fileobj=io.BytesIO(packed), mode=mode) as archive:
        return archive.getnames()


print("Python", sys.version.split()[0])
unchanged = True
for kind, compress in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)):
    packed = compress(data[:512]) + compress(data[512:])
    whole, streamed = listed(f"r:{kind}", packed), listed(f"r|{kind}", packed)
    print(f"r:{kind}", whole, f"  r|{kind}", streamed)
    unchanged = unchanged and len(whole) == 3 and len(streamed) == 1

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
