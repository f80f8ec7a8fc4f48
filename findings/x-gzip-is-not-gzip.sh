#!/usr/bin/env bash
# httpx, warcio and FastWARC don't unpack a body whose encoding is called `x-gzip`.
#
# Guess: `Content-Encoding: x-gzip` is gzip to every client and reader of archives, as HTTP asks since 1997.
# What happens: httpx returns the packed bytes as `content`, and `text` is garbage; nothing is raised. So does warcio's
# `content_stream`. FastWARC calls it an unsupported transfer encoding. requests unpacks it.
# Versions: httpx 0.28.1, warcio 1.8.1, fastwarc 2.0.1; requests 2.34.2 for comparison.
# Source: run of this script; RFC 9110, 8.4.1.3: a recipient SHOULD consider x-gzip to be equivalent to gzip.
# In this program: both names are read, from a server (api/http_transport.py) and from archives.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 requests==2.34.2 warcio==1.8.1 fastwarc==2.0.1
python=venv/bin/python
"$python" - <<'PYTHON'
import gzip, http.server, io, sys, threading
import httpx, requests
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

PACKED = gzip.compress(b"hello")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Encoding", "x-gzip")
        self.send_header("Content-Length", str(len(PACKED)))
        self.end_headers()
        self.wfile.write(PACKED)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"


def archive(encoding):
    block = b"HTTP/1.1 200 OK\r\nContent-Encoding: " + encoding + b"\r\n\r\n" + PACKED
    head = (
        "WARC/1.0",
        "WARC-Type: response",
        "WARC-Date: 2013-05-01T00:00:00Z",
        "WARC-Target-URI: https://example.org/",
        "WARC-Record-ID: <urn:uuid:11111111-1111-4111-8111-111111111111>",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(block)}",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def by_warcio(encoding):
    return next(ArchiveIterator(io.BytesIO(archive(encoding)))).content_stream().read()


def by_fastwarc(encoding):
    try:
        return next(iter(FastIterator(io.BytesIO(archive(encoding)), auto_decode="all"))).reader.read()
    except OSError as error:
        return str(error)


seen = {
    "requests": requests.get(address).content,
    "httpx": httpx.get(address, trust_env=False).content,
    "warcio": by_warcio(b"x-gzip"),
    "FastWARC": by_fastwarc(b"x-gzip"),
}
print(seen)
unchanged = by_warcio(b"gzip") == by_fastwarc(b"gzip") == seen["requests"] == b"hello"
unchanged &= seen["httpx"] == seen["warcio"] == PACKED and "x-gzip" in seen["FastWARC"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
