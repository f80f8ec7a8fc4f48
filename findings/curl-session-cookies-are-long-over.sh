#!/usr/bin/env bash
# A login that curl saved is gone when requests or httpx loads the file of cookies.
#
# Guess: `curl -c jar` writes Netscape's format, which http.cookiejar's MozillaCookieJar reads; session cookies need
# `ignore_discard=True`, and then they are sent.
# What happens: curl writes 0 as the end of a session cookie, and Python an empty field. Python reads 0 as 1 January
# 1970, so the cookie is over, and `load` drops it, with `ignore_discard` too. With `ignore_expires` it is in the jar,
# but no request sends it. Cookies with an end come over. With an empty field for the 0, in the file, the session works.
# Versions: curl 7.88.1 (the curl on PATH is used), httpx 0.28.1, requests 2.34.2; Python 3.11 to 3.13.
# Source: run of this script; http/cookiejar.py, `_really_load`: only `expires == ""` means a session;
# https://github.com/python/cpython/issues/61366.
# In this program: no cookies are kept or sent; a login is a token.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 requests==2.34.2
venv/bin/python - <<'PYTHON'
import http.server, subprocess, sys, threading
from http.cookiejar import MozillaCookieJar
import httpx, requests


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.headers.get("Cookie", "").encode()
        self.send_response(200)
        if self.path == "/login":
            self.send_header("Set-Cookie", "session=abc; Path=/")
            self.send_header("Set-Cookie", "language=en; Path=/; Max-Age=3600")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"
subprocess.run(["curl", "-sS", "-c", "jar", f"{address}login"], check=True)
by_curl = subprocess.run(["curl", "-sS", "-b", "jar", address], check=True, capture_output=True, text=True).stdout
with open("jar") as file:
    mended = file.read().replace("\t0\tsession", "\t\tsession")
with open("mended", "w") as file:
    file.write(mended)


def send(name, **options):
    jar = MozillaCookieJar(name)
    jar.load(**options)
    sent = httpx.get(address, cookies=jar).text, requests.get(address, cookies=jar).text
    return sorted(cookie.name for cookie in jar), *sent


seen = {
    "ignore_discard": send("jar", ignore_discard=True),
    "and ignore_expires": send("jar", ignore_discard=True, ignore_expires=True),
    "with an empty field": send("mended", ignore_discard=True),
}
print("curl sends", by_curl)
for name, (loaded, *sent) in seen.items():
    print(f"{name}: loaded {loaded}, httpx and requests send {sent}")
both = ["language", "session"]
unchanged = "session=abc" in by_curl and seen["ignore_discard"] == (["language"], "language=en", "language=en")
unchanged &= seen["and ignore_expires"] == (both, "language=en", "language=en")
unchanged &= seen["with an empty field"] == (both, "language=en; session=abc", "language=en; session=abc")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
