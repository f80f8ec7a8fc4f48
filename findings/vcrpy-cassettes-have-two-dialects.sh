#!/usr/bin/env bash
# A cassette that vcrpy recorded with requests cannot be played to httpx, nor the other way round.
#
# Guess: a cassette holds HTTP, so what one client recorded another one can replay: the format does not name a
# client.
# What happens: for a compressed answer the body is stored *unpacked* under requests and *packed* under httpx and
# urllib, with `Content-Encoding: gzip` in both. Replayed to the other client it fails with a decoding error, or
# gives gzip bytes as text.
# Versions: vcrpy 9.4.2, requests 2.34.2 with urllib3 2, httpx 0.28.1.
# Source: run of this script. `decode_compressed_response=True` makes both alike.
# In this program: an import tells by the bytes whether a body is still packed, whatever its head says.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check vcrpy==9.4.2 requests==2.34.2 urllib3==2.5.0 httpx==0.28.1 pyyaml
python=venv/bin/python
"$python" - <<'PYTHON'
import gzip, http.server, sys, threading
import httpx, requests, vcr, yaml

BODY = gzip.compress(b'{"id": 1}')


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/"
clients = {"requests": requests.get, "httpx": lambda address: httpx.get(address, trust_env=False)}
stored, replayed = {}, {}
for recorder, record in clients.items():
    with vcr.use_cassette(f"{recorder}.yaml"):
        record(address)
    with open(f"{recorder}.yaml") as file:
        stored[recorder] = yaml.safe_load(file)["interactions"][0]["response"]["body"]["string"]
    for player, play in clients.items():
        with vcr.use_cassette(f"{recorder}.yaml"):
            try:
                replayed[recorder, player] = play(address).json() == {"id": 1}
            except Exception as error:
                replayed[recorder, player] = False
                print(f"recorded by {recorder}, played to {player}: {type(error).__name__}: {error}")
print(stored)
unchanged = all(works == (recorder == player) for (recorder, player), works in replayed.items())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
