#!/usr/bin/env bash
# aiohttp asks for `?tags=a,b` if it is given `?tags=a%2Cb`: for one server in two the tag `a,b` is then two tags.
#
# Guess: An address is sent as it was given; at most letters that need an escape get one. `%2C` in a query is a comma
# that belongs to the value, a bare one may separate values, and only the server knows which.
# What happens: yarl, whose URL aiohttp makes of each text, takes the escapes off the comma, `:`, `/`, `@`, `'`, `(` and
# `)` in a query, and off the comma in a path. So do boltons, and url-normalize, which is to find equal addresses.
# `%26`, `%2B` and `%25` stay. A link to the next page that was copied from a `Link` field is another one when it is
# asked for, and a signature over the address no longer fits. `URL(text, encoded=True)` is the way out. httpx, requests,
# furl, purl, hyperlink and w3lib keep the query.
# Versions: aiohttp 3.14.5 with yarl 1.25.1, boltons 26.2.0, url-normalize 3.1.0; httpx 0.28.1, requests 2.34.2, furl
# 2.1.4, purl 1.6, hyperlink 21.0.0, w3lib 2.5.0.
# Source: run of this script; RFC 3986, 2.2: URIs that differ in the replacement of a reserved character with its
# percent-encoded octet are not equivalent; OpenAPI 3.1, style `form` without `explode`, and JSON:API separate by
# commas.
# In this program: httpx asks, and the tags of a search are one parameter, as Flattr had it (model/tag_expression.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check aiohttp==3.14.5 yarl==1.25.1 boltons==26.2.0 \
  url-normalize==3.1.0 httpx==0.28.1 requests==2.34.2 furl==2.1.4 purl==1.6 hyperlink==21.0.0 w3lib==2.5.0
venv/bin/python - <<'PYTHON'
import asyncio, sys, threading
from http.server import BaseHTTPRequestHandler, HTTPServer
import aiohttp, furl, httpx, hyperlink, purl, requests, w3lib.url
from boltons.urlutils import URL as BoltonsURL
from url_normalize import url_normalize
from yarl import URL

QUERY = "/x?tags=a%2Cb&url=https%3A%2F%2Fh%2F%3Fa%3D1%26b%3D2"
asked = []


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass


async def by_aiohttp(address):
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        await response.read()


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}{QUERY}"
asyncio.run(by_aiohttp(address))
asyncio.run(by_aiohttp(URL(address, encoded=True)))
httpx.get(address)
requests.get(address)
server.shutdown()
seen = dict(zip(["aiohttp", "aiohttp, encoded=True", "httpx", "requests"], asked))
READERS = {
    "boltons": lambda address: BoltonsURL(address).to_text(full_quote=True),
    "url-normalize": url_normalize,
    "furl": lambda address: furl.furl(address).url,
    "purl": lambda address: purl.URL(address).as_string(),
    "hyperlink": lambda address: hyperlink.parse(address).normalize().to_text(),
    "w3lib": w3lib.url.canonicalize_url,
}
seen |= {name: read(f"https://h{QUERY}").removeprefix("https://h") for name, read in READERS.items()}
for name, path in seen.items():
    print(f"{name}: {path}")
other = [name for name, path in seen.items() if path == "/x?tags=a,b&url=https://h/?a%3D1%26b%3D2"]
unchanged = other == ["aiohttp", "boltons", "url-normalize"]
unchanged &= all(path == QUERY for name, path in seen.items() if name not in other)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
