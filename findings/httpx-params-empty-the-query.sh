#!/usr/bin/env bash
# A client-wide parameter of httpx removes the page number from the link to the next page.
#
# Guess: `Client(params={"key": "1"})` adds the key to every address, as requests' `Session.params` does, and
# `params={}` adds nothing.
# What happens: parameters replace an address's own query. With a key for the whole client,
# `client.get("/things?page=2")` asks for `/things?key=1`, the first page again: who follows such links never ends.
# `params={}` removes the query altogether; only `params=None` leaves it.
# Versions: httpx 0.28.1; requests 2.34.2 for comparison.
# Source: run of this script.
# In this program: an address is put together whole before httpx sees it; `params` is never given.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import httpx, requests

LINK = "https://example.org/things?page=2"


def ask(client, **more):
    return str(client.build_request("GET", LINK, **more).url)


session = requests.Session()
session.params = {"key": "1"}
by_requests = session.prepare_request(requests.Request("GET", LINK)).url
with_key = ask(httpx.Client(params={"key": "1"}))
empty, none = ask(httpx.Client(), params={}), ask(httpx.Client(), params=None)
print("requests, with a key for all:", by_requests)
print("httpx, with a key for all:   ", with_key)
print("httpx, params={}:", empty, "| params=None:", none)
unchanged = by_requests == LINK + "&key=1" and none == LINK
unchanged &= with_key == "https://example.org/things?key=1" and empty == "https://example.org/things"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
