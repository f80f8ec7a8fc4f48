#!/usr/bin/env bash
# warcio.js indexes a page under another key than cdxj-indexer: `?tags=a%2cb` here, `?tags=a,b` there.
#
# Guess: Both are Webrecorder's, and both write CDXJ with the same kind of keys, so an archive that a browser extension
# or js-wacz indexed is found by pywb and Python's tools, and the other way round.
# What happens: Keys are alike for plain addresses, for the order of parameters, `www.`, and the port of the scheme.
# They differ for an escaped comma or `~`, for `//` and a last `/` in a path, which warcio.js keeps, and for nearly each
# POST: `1.0` is 1 in one, 1.0 in the other, null is `none` or `null`, a text has the key `__wb_post_data` or none at
# all, and a blank in a form is `%20` or `+`. What is looked up under the other's key isn't found.
# Versions: warcio.js 2.4.11 on Node 20; cdxj-indexer 1.5.0 with surt 0.3.1 and warcio 1.8.1.
# Source: run of this script; both name SURT with pywb's __wb_method and post data as their keys.
# In this program: `import` reads the records themselves, and an archive's index not at all
# (library/import_export/warc.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check cdxj-indexer==1.5.0 surt==0.3.1 warcio==1.8.1
npm install --silent --no-audit --no-fund warcio@2.4.11 >/dev/null
venv/bin/python - <<'PYTHON'
import subprocess, sys
from io import BytesIO
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PAGES = ["?b=2&a=1", "?a=1&a=2", "?q=a+b", "?tags=a%2Cb", "%7Eada", "/a/", "//a"]
POSTS = [
    ("application/json", b'{"a": 1}'),
    ("application/json", b'{"a": 1.0, "b": null}'),
    ("text/plain", b"hello"),
    ("application/x-www-form-urlencoded", b"t=x+y"),
]
with open("pages.warc.gz", "wb") as file:
    writer = WARCWriter(file, gzip=True)

    def response(address):
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")], "HTTP/1.1")
        return writer.create_warc_record(address, "response", payload=BytesIO(b"ok"), http_headers=head)

    for page in PAGES:
        writer.write_record(response(f"https://www.h.example:443/x{page}"))
    for kind, body in POSTS:
        fields = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        head = StatusAndHeaders("POST /form HTTP/1.1", fields, is_http_request=True)
        address = "https://h.example/form"
        request = writer.create_warc_record(address, "request", payload=BytesIO(body), http_headers=head)
        writer.write_request_response_pair(request, response(address))


def keys(*command):
    lines = subprocess.run([*command, "pages.warc.gz"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.partition(" ")[0].removeprefix("example,h)/") for line in lines]


by_python = keys("venv/bin/cdxj-indexer", "--post-append")
by_javascript = keys("node", "node_modules/warcio/dist/cli.js", "cdx-index")
names = [*PAGES, *(body.decode() for _, body in POSTS)]
differ = []
for name, one, other in zip(names, by_python, by_javascript, strict=True):
    if one != other:
        differ.append(name)
    print(f"{name}: {one}" if one == other else f"{name}: {one} and {other}")
unchanged = differ == [*PAGES[3:], *(body.decode() for _, body in POSTS[1:])]
unchanged &= by_python[3] == "x?tags=a,b" and by_javascript[3] == "x?tags=a%2cb"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
