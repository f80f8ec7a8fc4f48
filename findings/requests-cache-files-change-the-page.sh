#!/usr/bin/env bash
# A page comes back from requests-cache with other bytes, if the cache is a folder of files.
#
# Guess: a cached response has the body that the server sent, as with the other backends: `content` is the same bytes.
# What happens: with `backend="filesystem"` the body is stored decoded, whatever the serializer. A JSON page is parsed
# and written again: `1.10` is 1.1, digits of large numbers are lost, of two members of one name one is left, and
# `1e400` becomes `Infinity`, which is no JSON. A page in ISO 8859-1 becomes UTF-8 under the old Content-Type: `text`
# is still right, but who decodes `content`, as feed readers do, sees `JÃ¼rgen`. SQLite and memory keep the bytes;
# `decode_content=False` does so for files.
# Versions: requests-cache 1.3.3 with requests 2.34.2.
# Source: run of this script; requests_cache/backends/filesystem.py, line 33: 'Decode JSON or text response body into a
# human-readable format'.
# In this program: bodies are stored as bytes (store/safe_databases.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check requests-cache==1.3.3 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import http.server, sys, threading
from requests_cache import CachedSession

PAGES = {
    "/json": ("application/json", b'{"amount": 1.10, "id": 12345678901234567.5, "tag": 1, "tag": 2, "most": 1e400}'),
    "/html": ("text/html; charset=iso-8859-1", "<p>Jürgen".encode("latin-1")),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind, body = PAGES[self.path]
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
sessions = {
    "sqlite": CachedSession("pages", backend="sqlite"),
    "files": CachedSession("pages-in-files", backend="filesystem"),
    "files, not decoded": CachedSession("raw-pages", backend="filesystem", decode_content=False),
}
seen = {}
for name, session in sessions.items():
    for path in PAGES:
        sent = session.get(address + path)
        cached = session.get(address + path)
        assert cached.from_cache
        seen[name, path] = cached.content if cached.content != sent.content else "the same"
        print(f"{name}, {path}: {seen[name, path]}, {cached.headers['Content-Type']}")
unchanged = seen == {
    **{(name, path): "the same" for name in sessions for path in PAGES},
    ("files", "/json"): b'{"amount": 1.1, "id": 1.2345678901234568e+16, "tag": 2, "most": Infinity}',
    ("files", "/html"): "<p>Jürgen".encode(),
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
