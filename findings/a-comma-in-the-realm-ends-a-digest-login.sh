#!/usr/bin/env bash
# A server whose realm is `Flattr, beta` refuses each Digest login of urllib for Node: it takes the realm for `Flattr`.
#
# Guess: The realm is a quoted text, which a server may fill with any words, and goes into the hash with which a client
# answers a challenge. Who splits the challenge at its commas leaves those within quotes.
# What happens: urllib splits there, hashes the part in front of the comma, and gets a second 401 for a right password.
# digest-fetch reads a comma well, and stops at a quote that is escaped, as urllib does too. requests, httpx, aiohttp,
# Python's own urllib.request and curl log in each time.
# Versions: urllib 4.9.1, digest-fetch 3.1.1 on Node 20; requests 2.34.2, httpx 0.28.1, aiohttp 3.14.5, Python 3.11,
# curl 7.88.1.
# Source: run of this script; RFC 9110, 11.5: realm is a quoted-string; RFC 7616, 3.4.2: it's part of the hash.
# In this program: the login is OAuth's, with a token (api/oauth_login.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check requests==2.34.2 httpx==0.28.1 aiohttp==3.14.5
npm install --silent --no-audit --no-fund urllib@4.9.1 digest-fetch@3.1.1 >/dev/null
cat >log-in.mjs <<'SCRIPT'
import DigestFetch from 'digest-fetch';
import {request} from 'urllib';

const address = process.argv[2];
const byUrllib = await request(address, {digestAuth: 'ada:example'});
const byDigestFetch = await new DigestFetch('ada', 'example').fetch(address);
console.log(JSON.stringify({"Node's urllib": byUrllib.status, 'digest-fetch': byDigestFetch.status}));
process.exit();
SCRIPT
venv/bin/python - <<'PYTHON'
import asyncio, json, subprocess, sys, threading, urllib.error, urllib.request
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import aiohttp, httpx, requests

REALMS = ["Flattr beta", "Flattr, beta", 'Flattr "beta"']


def hash_of(*parts):
    return md5(":".join(parts).encode()).hexdigest()


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        realm = REALMS[int(self.path[1:])]
        field = self.headers.get("Authorization", "").removeprefix("Digest ")
        answer = urllib.request.parse_keqv_list(urllib.request.parse_http_list(field)) if field else {}
        words = [answer.get(name, "") for name in ("nonce", "nc", "cnonce", "qop")]
        expected = hash_of(hash_of("ada", realm, "example"), *words, hash_of("GET", self.path))
        self.send_response(200 if answer.get("response") == expected else 401)
        quoted = realm.replace('"', '\\"')
        self.send_header("WWW-Authenticate", f'Digest realm="{quoted}", qop="auth", nonce="n0", algorithm=MD5')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


async def by_aiohttp(address):
    login = aiohttp.DigestAuthMiddleware("ada", "example")
    async with aiohttp.ClientSession(middlewares=(login,)) as session, session.get(address) as response:
        return response.status


def by_urllib(address):
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, address, "ada", "example")
    opener = urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(passwords))
    try:
        return opener.open(address).status
    except urllib.error.HTTPError as error:
        return error.code


def by_curl(address):
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--digest", "-u", "ada:example", address]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
seen = {}
for number in range(len(REALMS)):
    address = f"http://127.0.0.1:{server.server_port}/{number}"
    command = ["node", "--no-warnings", "log-in.mjs", address]
    statuses = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    statuses["requests"] = requests.get(address, auth=requests.auth.HTTPDigestAuth("ada", "example")).status_code
    statuses["httpx"] = httpx.get(address, auth=httpx.DigestAuth("ada", "example")).status_code
    statuses |= {"aiohttp": asyncio.run(by_aiohttp(address)), "urllib.request": by_urllib(address)}
    statuses["curl"] = by_curl(address)
    for name, status in statuses.items():
        seen.setdefault(name, []).append(status)
print("realms:", *REALMS, sep=" | ")
for name, statuses in seen.items():
    print(f"{name}:", *statuses, sep=" | ")
unchanged = seen.pop("Node's urllib") == [200, 401, 401] and seen.pop("digest-fetch") == [200, 200, 401]
unchanged &= len(seen) == 5 and all(statuses == [200, 200, 200] for statuses in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
