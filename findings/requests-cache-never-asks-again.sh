#!/usr/bin/env bash
# requests-cache, told to follow Cache-Control, uses a page with an ETag for ever.
#
# Guess: With `cache_control=True`, a page that has an ETag or a Last-Modified and no lifetime is asked for again with
# If-None-Match, or after a while: HTTP's rules say when a stored page may be used. `max-age=0` in the request, which a
# browser's reload sends, asks anew.
# What happens: without `max-age` or Expires the default of the session counts, which is 'never expires': the server is
# not asked again, with `Cache-Control: private` or `public` neither. Of a request's directives `no-cache` is followed,
# but `max-age=0` gives the stored page. `expire_after=0` beside `cache_control=True` asks each time.
# Versions: requests-cache 1.3.3 with requests 2.34.2.
# Source: run of this script; requests_cache/policy/actions.py; RFC 9111, 4.2 and 5.2.1.1.
# In this program: no HTTP cache is used; a saved page is asked for again with its ETag (api/client.py).
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

FIELDS = {
    "/etag": {"ETag": '"1"'},
    "/modified": {"Last-Modified": "Wed, 01 May 2013 10:00:00 GMT"},
    "/private": {"ETag": '"1"', "Cache-Control": "private"},
    "/no-cache": {"ETag": '"1"', "Cache-Control": "no-cache"},
    "/hour": {"Cache-Control": "max-age=3600"},
}
asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(self.path)
        self.send_response(200)
        for name, value in FIELDS[self.path].items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"


def is_asked_again(path, headers=None, **options):
    session = CachedSession(backend="memory", cache_control=True, **options)
    session.get(address + path)
    before = len(asked)
    session.get(address + path, headers=headers)
    return len(asked) > before


seen = {path: is_asked_again(path) for path in FIELDS}
seen["request no-cache"] = is_asked_again("/hour", {"Cache-Control": "no-cache"})
seen["request max-age=0"] = is_asked_again("/hour", {"Cache-Control": "max-age=0"})
seen["expire_after=0"] = is_asked_again("/etag", expire_after=0)
for what, again in seen.items():
    print(f"{what}: {'asked again' if again else 'used without a question'}")
unchanged = [what for what, again in seen.items() if again] == ["/no-cache", "request no-cache", "expire_after=0"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
