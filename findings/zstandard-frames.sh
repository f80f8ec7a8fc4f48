#!/usr/bin/env bash
# The four ways of zstandard to unpack disagree about what one file holds.
#
# Guess: two frames one after the other are one file (RFC 8878, 3.1), and skippable frames are skipped, whichever
# function is called.
# What happens: `decompress` and `read_to_iter` return the first frame only, without an error; `stream_reader` and
# `copy_stream` return both. With a skippable frame in front (a web archive's dictionary, a seek table) `decompress`
# raises although a stream_reader reads on.
# Versions: zstandard 0.25.0; backports.zstd 1.8.0 (the module of Python 3.14) reads all frames.
# Source: run of this script; RFC 8878, 3.1 and 3.1.2.
# In this program: backports.zstd is used. A .warc.zst has a frame for each record, so the first function would show
# one record of thousands.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check zstandard==0.25.0 'backports.zstd==1.8.0'
python=venv/bin/python
"$python" - <<'PYTHON'
import io
import sys
import zstandard
from backports import zstd

two = zstandard.compress(b"one,") + zstandard.compress(b"two")
skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"note"
make = zstandard.ZstdDecompressor
copied = io.BytesIO()
make().copy_stream(io.BytesIO(two), copied)
seen = {
    "decompress": make().decompress(two),
    "read_to_iter": b"".join(make().read_to_iter(two)),
    "stream_reader": make().stream_reader(io.BytesIO(two)).read(),
    "copy_stream": copied.getvalue(),
    "backports.zstd": zstd.decompress(two),
}
for name, data in seen.items():
    print(name, data)
try:
    make().decompress(skippable + two)
    raised = False
except zstandard.ZstdError as error:
    raised = True
    print("skippable frame in front: decompress raises", error)
streamed = make().stream_reader(io.BytesIO(skippable + two)).read()
print("skippable frame in front: stream_reader", streamed, "backports.zstd", zstd.decompress(skippable + two))
unchanged = raised and streamed == b"one,two" and list(seen.values()) == [b"one,", b"one,", *[b"one,two"] * 3]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
