#!/usr/bin/env bash
# `pack(object)` of msgpackr is MessagePack, and `new Packr().pack(object)` is not: no other reader finds the members.
#
# Guess: The class and the function of one library write the same format; an instance is for options and for speed. So
# do `encode` and `new Encoder().encode` of cbor-x.
# What happens: Instances write records, an extension of the library's own: the names once, then the values, under an
# extension type or tag. Python's msgpack can't read it: it finds an extension and then bytes that are left over. cbor2
# gives a tag with a list. `useRecords: false` makes instances write maps. Only msgpackr and cbor-x read records.
# Versions: msgpackr 2.1.3, cbor-x 1.6.8, @msgpack/msgpack 3.1.3 on Node 20; msgpack 1.1.2, cbor2 6.3.0 on Python.
# Source: run of this script; the READMEs of msgpackr and cbor-x describe records, which instances write unless told
# otherwise.
# In this program: neither format is read or written; what is kept is JSON (store/response_store.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check msgpack==1.1.2 cbor2==6.3.0
npm install --silent --no-audit --no-fund msgpackr@2.1.3 cbor-x@1.6.8 @msgpack/msgpack@3.1.3 >/dev/null
cat >write.mjs <<'SCRIPT'
import {decode} from '@msgpack/msgpack';
import * as cborX from 'cbor-x';
import * as msgpackr from 'msgpackr';

const thing = {title: 'Podcast', flattrs: 3};
const hex = bytes => Buffer.from(bytes).toString('hex');
const records = new msgpackr.Packr().pack(thing);
let read;
try {
  read = JSON.stringify(decode(records));
} catch (error) {
  read = error.name;
}
console.log(JSON.stringify([
  {
    pack: hex(msgpackr.pack(thing)),
    'new Packr': hex(records),
    'new Packr, useRecords: false': hex(new msgpackr.Packr({useRecords: false}).pack(thing)),
  },
  {
    encode: hex(cborX.encode(thing)),
    'new Encoder': hex(new cborX.Encoder().encode(thing)),
    'new Encoder, useRecords: false': hex(new cborX.Encoder({useRecords: false}).encode(thing)),
  },
  read,
  msgpackr.unpack(records),
]));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import cbor2, msgpack

THING = {"title": "Podcast", "flattrs": 3}


def attempt(read, data):
    try:
        return read(bytes.fromhex(data))
    except (ValueError, msgpack.ExtraData) as error:
        return type(error).__name__


output = subprocess.run(["node", "write.mjs"], capture_output=True, text=True, check=True).stdout
packed, encoded, by_node, by_itself = json.loads(output)
packed = {name: attempt(msgpack.unpackb, data) for name, data in packed.items()}
encoded = {name: attempt(cbor2.loads, data) for name, data in encoded.items()}
for name, value in (packed | encoded).items():
    print(f"{name}: in Python {value}")
print(f"new Packr: for @msgpack/msgpack {by_node}, for msgpackr {by_itself}")
unchanged = packed.pop("new Packr") == "ExtraData" and by_node == "RangeError"
records = encoded.pop("new Encoder")
unchanged &= isinstance(records, cbor2.CBORTag) and list(records.value[1]) == list(THING)
unchanged &= all(value == THING for value in [*packed.values(), *encoded.values(), by_itself])

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
