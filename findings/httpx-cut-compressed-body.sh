#!/usr/bin/env bash
# httpx takes a gzip, deflate or br body that was cut off for a whole one.
#
# Guess: a compressed body without its end raises DecodingError, as a cut zstd body does.
# What happens: for gzip, deflate and br the part that could be unpacked is returned as the content with status 200.
# Only zstd raises. A record that was cut when it was archived, or a proxy that closed early and set its own length,
# gives a shorter JSON text.
# Versions: httpx 0.28.1, brotli 1.2.1, zstandard 0.25.0.
# Source: run of this script. RFC 1952, 2.2: a member ends with a checksum and a length, which are missing here.
# In this program: 'The answer broke off in the middle' is an error, and the page that was saved before stays.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 brotli==1.2.1 zstandard==0.25.0
python=venv/bin/python
"$python" - <<'PYTHON'
import gzip, random, sys, zlib
import brotli, httpx, zstandard

text = random.Random(1).randbytes(6000).hex().encode()
packed = {
    "gzip": gzip.compress(text),
    "deflate": zlib.compress(text),
    "br": brotli.compress(text),
    "zstd": zstandard.compress(text),
}
seen = {}
for name, whole in packed.items():
    body = whole[: len(whole) // 2]
    try:
        response = httpx.Response(200, headers={"Content-Encoding": name}, stream=httpx.ByteStream(body))
        seen[name] = len(response.read())
    except httpx.DecodingError:
        seen[name] = "DecodingError"
    print(f"{name}: half of the body was sent, {seen[name]} of {len(text)} bytes came out")
unchanged = seen.pop("zstd") == "DecodingError" and all(size < len(text) for size in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
