#!/usr/bin/env bash
# hishel 2, the HTTP cache for httpx, does not look at Cache-Control, Vary and ETag unless it's told to.
#
# Guess: `CacheClient()` caches by RFC 9111, for which hishel is known and which up to version 1 was the only way: what
# is marked `no-store` is not kept, a page is asked for again when its `max-age` is over, and a JSON page is not given
# to somebody who asked for Atom.
# What happens: Each successful GET is kept under its address and used for ever: with `no-store`, with `max-age=0`, and
# whatever `Vary` says, so the second form of a page can't be had. After a DELETE the page is still there.
# `CacheClient(rfc=True)` follows the RFC.
# Versions: hishel 2.0.0 with httpx 0.28.1.
# Source: run of this script; hishel/httpx/_sync.py, CacheTransport: 'By default, caches successful GET and HEAD
# responses by method and URL, ignoring HTTP caching headers'.
# In this program: hishel is not used; a saved page is asked for again with its ETag (api/client.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check 'hishel[httpx]==2.0.0' httpx==0.28.1
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import httpx
from hishel.httpx import CacheTransport

count = 0


def server(request):
    global count
    count += 1
    control = {"/no-store": "no-store", "/stale": "max-age=0"}.get(request.url.path, "max-age=60")
    headers = {"Cache-Control": control, "Vary": "Accept", "ETag": f'"{count}"'}
    return httpx.Response(200, headers=headers, text=str(count))


def look(host, **options):
    with httpx.Client(
        transport=CacheTransport(httpx.MockTransport(server), **options), base_url=f"https://{host}.example"
    ) as client:

        def reused(path, between=None, accept=("*/*", "*/*")):
            first = client.get(path, headers={"Accept": accept[0]}).text
            if between:
                client.request(between, path)
            return client.get(path, headers={"Accept": accept[1]}).text == first

        return {
            "fresh": reused("/fresh"),
            "no-store": reused("/no-store"),
            "max-age=0": reused("/stale"),
            "another Accept": reused("/forms", accept=("application/json", "application/atom+xml")),
            "after DELETE": reused("/deleted", between="DELETE"),
        }


default, rfc = look("default"), look("rfc", rfc=True)
for what in default:
    print(f"{what}: {'kept' if default[what] else 'asked'} by default, {'kept' if rfc[what] else 'asked'} with rfc=True")
unchanged = all(default.values()) and [what for what, kept in rfc.items() if kept] == ["fresh"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
