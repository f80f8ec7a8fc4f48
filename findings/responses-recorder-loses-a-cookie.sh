#!/usr/bin/env bash
# What the recorder of responses has recorded is played back with one cookie less, and in another encoding.
#
# Guess: a recorded response has the fields and the bytes that came, so a test with it sees what the program saw.
# What happens: fields of one name are joined by a comma, so of two Set-Cookie the second is no longer one: the session
# has half of its cookies. The body is stored as text and played as UTF-8, under a Content-Type that says ISO 8859-1:
# `Jürgen` is `JÃ¼rgen`. A picture is decoded as text as well, and its bytes are lost.
# Versions: responses 0.26.3 with requests 2.34.2.
# Source: run of this script; responses/_recorder.py; RFC 9110, 5.3: Set-Cookie can't be joined.
# In this program: tests ask the sandbox, a whole server; an import keeps each field of a recording.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check responses==0.26.3 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import http.server, sys, threading
import requests, responses
from responses import _recorder

PAGES = {
    "/page": ("text/plain; charset=iso-8859-1", "Jürgen".encode("latin-1")),
    "/picture": ("image/png", b"\x89PNG\r\n\x1a\n\xff\xfe"),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind, body = PAGES[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Set-Cookie", "first=1")
        self.send_header("Set-Cookie", "second=2")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"


def look():
    found = {path: requests.get(address + path) for path in PAGES}
    return {path: (response.text, response.content, dict(response.cookies)) for path, response in found.items()}


recorded = _recorder.record(file_path="recording.yaml")(look)()
with responses.RequestsMock() as mock:
    mock._add_from_file("recording.yaml")
    played = look()
for path in PAGES:
    print(f"{path}: recorded", *recorded[path])
    print(f"{path}: played  ", *played[path])
unchanged = (
    recorded["/page"] == ("Jürgen", b"J\xfcrgen", {"first": "1", "second": "2"})
    and played["/page"][:2] == ("JÃ¼rgen", b"J\xc3\xbcrgen")
    and "second" not in played["/page"][2]
    and played["/picture"][1] != recorded["/picture"][1]
)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
