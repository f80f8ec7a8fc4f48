#!/usr/bin/env bash
# CacheControl stores nothing under `max-age="60"`, and undici nothing under `max-age=60 , public`.
#
# Guess: Caches read a list of directives with blanks around the commas, and a number in quotes as the number: both are
# forms that HTTP allows in each of its lists.
# What happens: CacheControl, which pip and Poetry have in them, ignores a `max-age` in quotes and asks for the page
# each time. undici's cache reads the quotes, but a blank or a tab behind the number, in front of a comma, makes it drop
# the directive; blanks behind the comma are fine. requests-cache, axios-cache-interceptor, and http-cache-semantics in
# got and make-fetch-happen, answer the second question themselves in all cases.
# Versions: CacheControl 0.14.4, requests-cache 1.3.3 with requests 2.34.2; undici 7.30.2, axios-cache-interceptor
# 1.12.3 with axios 1.21.1, got 14.6.6, make-fetch-happen 15.0.6 on Node 20.
# Source: run of this script; RFC 9111, 5.2: recipients ought to accept both forms of an argument; RFC 9110, 5.6.1: OWS
# on both sides of a comma.
# In this program: no HTTP cache is used; it decides itself when a page is stale (library/fetch/revalidator.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check cachecontrol==0.14.4 requests-cache==1.3.3 \
  requests==2.34.2
npm install --silent --no-audit --no-fund undici@7.30.2 axios-cache-interceptor@1.12.3 axios@1.21.1 got@14.6.6 \
  make-fetch-happen@15.0.6 >/dev/null
cat >ask.mjs <<'SCRIPT'
import axios from 'axios';
import {setupCache} from 'axios-cache-interceptor';
import got from 'got';
import makeFetchHappen from 'make-fetch-happen';
import {Agent, fetch, interceptors} from 'undici';

const byAxios = setupCache(axios.create());
const byGot = got.extend({cache: new Map()});
const byMakeFetchHappen = makeFetchHappen.defaults({cachePath: 'cache'});
const dispatcher = new Agent().compose(interceptors.cache());
const clients = {
  'undici': async address => (await fetch(address, {dispatcher})).text(),
  'axios-cache-interceptor': address => byAxios.get(address),
  'got': address => byGot(address),
  'make-fetch-happen': async address => (await byMakeFetchHappen(address)).text(),
};
const [origin, forms] = process.argv.slice(2);
for (const [name, ask] of Object.entries(clients)) {
  for (let form = 0; form < Number(forms); form++) {
    for (let time = 0; time < 2; time++) {
      await ask(`${origin}/${name}/${form}`);
      await new Promise(done => setTimeout(done, 50));
    }
  }
}
process.exit();
SCRIPT
venv/bin/python - <<'PYTHON'
import subprocess, sys, threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import requests
from cachecontrol import CacheControl
from requests_cache import CachedSession

FORMS = ["max-age=60", 'max-age="60"', "max-age=60 , public", "public, max-age=60"]
asked = Counter()


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        _, name, form = self.path.split("/")
        asked[name, FORMS[int(form)]] += 1
        self.send_response(200)
        self.send_header("Cache-Control", FORMS[int(form)])
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *words):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
origin = f"http://127.0.0.1:{server.server_port}"
sessions = {
    "CacheControl": CacheControl(requests.Session()),
    "requests-cache": CachedSession(backend="memory", cache_control=True),
}
for name, session in sessions.items():
    for form in range(len(FORMS)):
        for _ in range(2):
            session.get(f"{origin}/{name}/{form}")
subprocess.run(["node", "ask.mjs", origin, str(len(FORMS))], check=True)
again = {}
for name in dict.fromkeys(name for name, _ in asked):
    again[name] = [form for form in FORMS if asked[name, form] == 2]
    print(f"{name}: asks again under {again[name] or 'none'}")
unchanged = again.pop("CacheControl") == [FORMS[1]] and again.pop("undici") == [FORMS[2]]
unchanged &= len(again) == 4 and not any(again.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
