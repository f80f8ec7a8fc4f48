#!/usr/bin/env bash
# warcio's `capture_http` archives a page of which a program read the beginning as if that were the page.
#
# Guess: What wasn't read to its end is marked by `WARC-Truncated`, or isn't archived at all.
# What happens: The record has the bytes that were read, the server's `Content-Length` of all of them, and a digest that
# fits the part: `warcio check` finds nothing wrong. With `stream=True` and no look at the body, an empty page is
# archived for every address. If the unread response is still open when the next page comes, it isn't archived.
# Versions: warcio 1.8.1, requests 2.34.0 on Python 3.11.
# Source: run of this script; WARC 1.1, 'response': if a response is known to be truncated, this shall be noted in
# WARC-Truncated.
# In this program: `import` leaves such a page out, since its JSON is cut, and says so
# (library/import_export/importer.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check warcio==1.8.1 requests==2.34.0
venv/bin/python -W ignore - <<'PYTHON'
import http.server, subprocess, sys, threading
from warcio.capture_http import capture_http
import requests  # after capture_http, as its documentation wants it
from warcio.archiveiterator import ArchiveIterator

PAGE = b'{"title": "' + b"x" * 4000 + b'"}'


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"


def read(size):
    with requests.get(f"{address}/{size}", stream=True) as response:
        response.raw.read(size)


def read_and_go_on():
    with requests.Session() as session:
        first = session.get(f"{address}/first", stream=True)
        next(first.iter_content(100))
        session.get(f"{address}/second")


def capture(name, call):
    with capture_http(name):
        call()
    subprocess.run(["venv/bin/warcio", "check", name], check=True)
    found = []
    with open(name, "rb") as file:
        for record in ArchiveIterator(file):
            if record.rec_type == "response":
                told = record.http_headers.get_header("Content-Length")
                length = len(record.content_stream().read())
                last = record.rec_headers.get_header("WARC-Target-URI").rsplit("/", 1)[1]
                found.append((last, length, int(told), record.rec_headers.get_header("WARC-Truncated")))
    print(f"{name}: address, archived, announced, truncated: {found}")
    return found


seen = [
    capture("whole.warc.gz", lambda: read(len(PAGE))),
    capture("half.warc.gz", lambda: read(100)),
    capture("nothing.warc.gz", lambda: read(0)),
    capture("half-and-another.warc.gz", read_and_go_on),
]
size = len(PAGE)
unchanged = seen == [
    [(str(size), size, size, None)], [("100", 100, size, None)], [("0", 0, size, None)], [("second", size, size, None)],
]
server.shutdown()

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
