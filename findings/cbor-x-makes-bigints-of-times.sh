#!/usr/bin/env bash
# A time in milliseconds is a BigInt for cbor-x, so that JSON.stringify fails, if any other library wrote the CBOR.
#
# Guess: A reader of CBOR for JavaScript gives a number for each integer that a number holds exactly, and a BigInt
# beyond 2 ** 53.
# What happens: cbor-x gives a BigInt for each integer in eight bytes, as all from 2 ** 32 on are written, such as
# 1367391600000. `time + 1000` and `JSON.stringify` then raise TypeError, and `time === 1367391600000` is false. What
# cbor-x itself wrote is a number again, since it writes such integers as floats, which Python reads as floats. With
# `int64AsNumber: true` they are numbers. cborg, cbor, cbor2 (npm) and borc give numbers.
# Versions: cbor-x 1.6.8, cborg 6.1.5, cbor 10.0.12, cbor2 2.3.0, borc 3.0.0 on Node 20; cbor2 6.3.0 on Python.
# Source: run of this script; RFC 8949, 3: an integer in eight bytes is the same as a shorter one.
# In this program: CBOR is neither read nor written; times in JSON are Python's integers (model/entity_decoder.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check cbor2==6.3.0
npm install --silent --no-audit --no-fund cbor-x@1.6.8 cborg@6.1.5 cbor@10.0.12 cbor2@2.3.0 borc@3.0.0 >/dev/null
cat >read.mjs <<'SCRIPT'
import borc from 'borc';
import cbor from 'cbor';
import * as cbor2 from 'cbor2';
import * as cborX from 'cbor-x';
import * as cborg from 'cborg';

const bytes = Buffer.from(process.argv[2], 'hex');
const readers = {
  'cbor-x': bytes => cborX.decode(bytes),
  'cbor-x, int64AsNumber': bytes => new cborX.Decoder({int64AsNumber: true, mapsAsObjects: true}).decode(bytes),
  cborg: bytes => cborg.decode(bytes),
  cbor: bytes => cbor.decodeFirstSync(bytes),
  cbor2: bytes => cbor2.decode(bytes),
  borc: bytes => borc.decode(bytes),
};
const attempt = function_ => {
  try {
    return String(function_());
  } catch (error) {
    return error.name;
  }
};
const seen = {};
for (const [name, read] of Object.entries(readers)) {
  const {at} = read(bytes);
  seen[name] = [typeof at, attempt(() => at + 1000), attempt(() => JSON.stringify({at}))];
}
console.log(JSON.stringify([seen, Buffer.from(cborX.encode(1367391600000)).toString('hex')]));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import cbor2

command = ["node", "read.mjs", cbor2.dumps({"at": 1367391600000}).hex()]
seen, written = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
for name, results in seen.items():
    print(f"{name}:", *results)
written = cbor2.loads(bytes.fromhex(written))
print("cbor-x to Python:", repr(written))
unchanged = seen.pop("cbor-x") == ["bigint", "TypeError", "TypeError"]
right = ["number", "1367391601000", '{"at":1367391600000}']
unchanged &= len(seen) == 5 and all(results == right for results in seen.values())
unchanged &= isinstance(written, float) and written == 1367391600000

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
