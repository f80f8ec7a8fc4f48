#!/usr/bin/env bash
# A time in milliseconds that msgpackr packs is a float to every other reader of MessagePack.
#
# Guess: `pack({at: 1367391600000, gone: undefined})` writes an integer, since the number is one and MessagePack has
# integers of 64 bits, and undefined like null, or not at all, as JSON.stringify does.
# What happens: Above 2**32 msgpackr writes a float of 64 bits. Python's msgpack gives 1367391600000.0, and msgspec,
# told that it's an integer, refuses it. undefined is an extension of msgpackr's own, 0: msgpack gives an ExtType in its
# place, which is true where null is false, and ormsgpack refuses the whole document. @msgpack/msgpack, notepack.io and
# msgpack5 write an integer, and null or nothing. `new Packr()` writes records of its own kind unless `useRecords` is
# false, which the documentation says.
# Versions: msgpackr 2.1.4, @msgpack/msgpack 3.1.3, notepack.io 3.0.1, msgpack5 6.1.0 on Node 20; msgpack 1.2.4,
# ormsgpack 1.13.1, msgspec 0.23.0.
# Source: run of this script; MessagePack's specification: applications use extensions 0 to 127.
# In this program: the MessagePack that `import` reads is that of CacheControl, which is written in Python
# (library/import_export/http_recordings.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check msgpack==1.2.4 ormsgpack==1.13.1 msgspec==0.23.0
npm install --silent --no-audit --no-fund msgpackr@2.1.4 @msgpack/msgpack@3.1.3 notepack.io@3.0.1 \
  msgpack5@6.1.0 >/dev/null
cat >pack.mjs <<'SCRIPT'
import {encode} from '@msgpack/msgpack';
import msgpack5 from 'msgpack5';
import {pack} from 'msgpackr';
import notepack from 'notepack.io';

const packers = {
  'msgpackr': pack,
  '@msgpack/msgpack': encode,
  'notepack.io': notepack.encode,
  'msgpack5': msgpack5().encode,
};
for (const [name, write] of Object.entries(packers)) {
  const packed = [{at: 1367391600000}, {gone: undefined}].map(value => Buffer.from(write(value).slice()));
  console.log(name, ...packed.map(one => one.toString('hex')));
}
SCRIPT
venv/bin/python - <<'PYTHON'
import subprocess, sys
import msgpack, msgspec, ormsgpack


def attempt(read, *arguments, **options):
    try:
        return read(*arguments, **options)
    except (ValueError, msgspec.MsgspecError) as error:
        return f"refused: {error}"


lines = subprocess.run(["node", "pack.mjs"], capture_output=True, text=True, check=True).stdout.splitlines()
unchanged = True
for line in lines:
    name, *packed = line.split()
    time, gone = map(bytes.fromhex, packed)
    at = msgpack.unpackb(time)["at"]
    strict = attempt(msgspec.msgpack.decode, time, type=dict[str, int])
    extension = msgpack.unpackb(gone).get("gone")
    strict_gone = attempt(ormsgpack.unpackb, gone)
    print(f"{name}: msgpack {at!r}, {extension!r}; msgspec {strict}; ormsgpack {strict_gone}")
    if name == "msgpackr":
        unchanged &= isinstance(at, float) and strict.startswith("refused") and bool(extension)
        unchanged &= strict_gone == "refused: ext_hook missing"
    else:
        unchanged &= isinstance(at, int) and strict == {"at": 1367391600000} and extension is None
        unchanged &= strict_gone in ({}, {"gone": None})

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
