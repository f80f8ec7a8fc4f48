#!/usr/bin/env bash
# vcrpy plays the recorded answer to another question: to one with more parameters, or the same in another order.
#
# Guess: a request is matched by its query as it was sent, or at least by its names and values: `?tags=&page=1` is not
# `?page=1`, and `?tag=a&tag=b` is not `?tag=b&tag=a`. With `allow_playback_repeats`, three recorded answers are
# played one after another, and then again.
# What happens: parameters without a value are left out of the comparison, and the rest is sorted, so both pairs match.
# `filter_query_parameters` also removes those without a value from the cassette, beside those that it names. With
# `allow_playback_repeats` the first answer is played every time, so what was recorded after it is never seen.
# Versions: vcrpy 9.4.2, requests 2.34.2.
# Source: run of this script.
# In this program: cassettes are imported by their addresses as they stand, and its own tests play none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check vcrpy==9.4.2 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import http.server, pathlib, sys, threading
import requests, vcr


class Handler(http.server.BaseHTTPRequestHandler):
    count = 0

    def do_GET(self):
        Handler.count += 1
        body = f"{Handler.count} {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"


def ask(cassette, *paths, **options):
    with vcr.use_cassette(cassette, record_mode="once", **options):
        return [requests.get(address + path).text for path in paths]


ask("things.yaml", "/things?page=1", "/tags?tag=a&tag=b")
other = ask("things.yaml", "/things?tags=&page=1", "/tags?tag=b&tag=a")
ask("secret.yaml", "/things?tags=&token=x&page=1", filter_query_parameters=["token"])
stored = pathlib.Path("secret.yaml").read_text().partition("uri: ")[2].split()[0].removeprefix(address)
ask("thrice.yaml", "/a", "/a", "/a")
repeated = {text.split()[0] for text in ask("thrice.yaml", *["/a"] * 6, allow_playback_repeats=True)}
print("asked for ?tags=&page=1 and ?tag=b&tag=a, answered:", other)
print("stored of ?tags=&token=x&page=1:", stored)
print("different answers of three, asked for six times:", len(repeated))
unchanged = other == ["1 /things?page=1", "2 /tags?tag=a&tag=b"] and stored == "/things?page=1" and len(repeated) == 1

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
