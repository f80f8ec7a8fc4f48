#!/usr/bin/env bash
# With `--post-append`, cdxj-indexer gives all pages of an archive the digest of an empty one.
#
# Guess: the option adds what a POST sent to the key of its page, and changes nothing else: the digest is that of the
# page, from WARC-Payload-Digest or computed.
# What happens: to put requests and responses together, the bodies are read first, and the digest is then computed of
# what is left: nothing. Each page without the field, which is optional in WARC and unknown to ARC, has
# `3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ`. Who drops equal digests as duplicates keeps one page. Without the option they are
# right.
# Versions: cdxj-indexer 1.5.0 with warcio 1.8.1.
# Source: run of this script; cdxj_indexer/main.py, `_get_digest`; WARC 1.1, 5.9 (WARC-Payload-Digest is optional).
# In this program: pages are compared by their bytes; no index is read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check cdxj-indexer==1.5.0 warcio==1.8.1 'setuptools<81'
venv/bin/python - <<'PYTHON'
import json, subprocess, sys


def record(number, page, digest=""):
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}"
    return (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://server.example/{number}\r\n"
        f"WARC-Date: 2013-05-01T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:12345678-1234-1234-1234-12345678901{number}>\r\n"
        f"Content-Type: application/http;msgtype=response\r\n{digest}Content-Length: {len(http)}\r\n\r\n{http}\r\n\r\n"
    )


with open("pages.warc", "w", newline="") as file:
    file.write(record(1, "one") + record(2, "two") + record(3, "three", "WARC-Payload-Digest: sha1:GIVEN\r\n"))
seen = {}
for options in ([], ["--post-append"]):
    done = subprocess.run(
        ["venv/bin/cdxj-indexer", *options, "pages.warc"], capture_output=True, text=True, check=True
    )
    seen[bool(options)] = [json.loads(line.split(" ", 2)[2])["digest"] for line in done.stdout.splitlines()]
    print(*options or ["plain"], *seen[bool(options)])
empty = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
unchanged = len(set(seen[False])) == 3 and empty not in seen[False] and seen[True] == [empty, empty, "sha1:GIVEN"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
