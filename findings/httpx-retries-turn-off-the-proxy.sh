#!/usr/bin/env bash
# A client of httpx that is to retry connections no longer uses the proxy of the environment.
#
# Guess: `Client(transport=HTTPTransport(retries=2))` is the client that one had, with retries: HTTPS_PROXY is used,
# since `trust_env` is true, and `verify` and `limits` count.
# What happens: With a transport of one's own, proxies of the environment are not looked at, and the client's `verify`,
# `cert`, `http2` and `limits` are ignored, without a word. Behind a proxy every request fails, or goes out directly.
# requests keeps the proxy when an HTTPAdapter is mounted.
# Versions: httpx 0.28.1; requests 2.34.2 for comparison.
# Source: run of this script; https://github.com/encode/httpx/pull/1122 made it so for apps that are called directly.
# In this program: the environment's proxies are read by our own code and given to the transport (api/http_transport.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import http.server, os, sys, threading
import httpx, requests
from requests.adapters import HTTPAdapter


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"the proxy" if self.path.startswith("http:") else b"the server itself"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
for name in ("ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "http_proxy"):
    os.environ.pop(name, None)
os.environ["http_proxy"] = os.environ["HTTP_PROXY"] = address
session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=2))
seen = {
    "httpx": httpx.Client().get(address).text,
    "httpx with retries": httpx.Client(transport=httpx.HTTPTransport(retries=2)).get(address).text,
    "requests with retries": session.get(address).text,
}
print("answered by:", seen)
unchanged = list(seen.values()) == ["the proxy", "the server itself", "the proxy"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
