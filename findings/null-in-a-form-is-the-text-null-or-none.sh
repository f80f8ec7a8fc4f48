#!/usr/bin/env bash
# A description that is null is sent in a form as `null` by got, as `None` by aiohttp, and not at all by requests.
#
# Guess: A form has texts. Of `{description: null, public: false}` a client leaves out what is null, and writes `false`;
# a list of two tags is `tags=a&tags=b`.
# What happens: got, urllib (npm) and wretch send the text `null`, and for undefined the text `undefined`; aiohttp sends
# `None`. A server stores these as the description. httpx and needle send an empty text, and superagent the name alone,
# which delete it; requests and axios leave it out, so the old one stays. `false` is `False` from requests and aiohttp,
# which is true to a server that compares with "false". Two tags are one, `a,b`, from got and urllib, and are called
# `tags[]` by axios and needle.
# Versions: got 16.1.0, urllib 4.9.1, wretch 3.0.9, needle 3.5.0, axios 1.21.1, superagent 10.4.2 on Node 20; aiohttp
# 3.14.5, httpx 0.28.1, requests 2.34.2.
# Source: run of this script; got, urllib and Node's URLSearchParams make text of each value by String(value).
# In this program: changes are sent as JSON (api/prepared_request.py), and the login's form has texts alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check aiohttp==3.14.5 httpx==0.28.1 requests==2.34.2
npm install --silent --no-audit --no-fund got@16.1.0 urllib@4.9.1 wretch@3.0.9 needle@3.5.0 axios@1.21.1 \
  superagent@10.4.2 >/dev/null
cat >send.mjs <<'SCRIPT'
import http from 'node:http';
import axios from 'axios';
import got from 'got';
import needle from 'needle';
import superagent from 'superagent';
import {request as urllib} from 'urllib';
import wretch from 'wretch';
import formUrl from 'wretch/addons/formUrl';

let sent;
const server = http.createServer((request, response) => {
  sent = '';
  request.on('data', chunk => {
    sent += chunk;
  });
  request.on('end', () => response.setHeader('Content-Type', 'application/json').end('{}'));
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}/`;
const headers = {'Content-Type': 'application/x-www-form-urlencoded'};
const clients = {
  got: form => got.post(url, {form}),
  urllib: form => urllib(url, {method: 'POST', data: form}),
  wretch: form => wretch(url).addon(formUrl).formUrl(form).post().res(),
  needle: form => needle('post', url, form),
  axios: form => axios.post(url, form, {headers}),
  superagent: form => superagent.post(url).type('form').send(form),
};
const seen = {};
for (const [name, send] of Object.entries(clients)) {
  seen[name] = [];
  for (const member of [{text: null}, {text: undefined}, {tags: ['a', 'b']}]) {
    await send({...member, public: false});
    seen[name].push(decodeURIComponent(sent).replace(/&?public=false$/, ''));
  }
}
console.log(JSON.stringify(seen));
process.exit();
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import aiohttp, httpx, requests

command = ["node", "--no-warnings", "send.mjs"]
seen = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
for name, (null, undefined, tags) in seen.items():
    print(f"{name}: null: {null!r}, undefined: {undefined!r}, list: {tags!r}")
FORM = {"text": None, "public": False, "tags": ["a", "b"]}
by_python = {
    "aiohttp": aiohttp.FormData(FORM)().decode(),
    "httpx": httpx.Request("POST", "http://h/", data=FORM).read().decode(),
    "requests": requests.Request("POST", "http://h/", data=FORM).prepare().body,
}
for name, body in by_python.items():
    print(f"{name}: {body}")
expected = {
    "got": ["text=null", "text=undefined", "tags=a,b"],
    "urllib": ["text=null", "text=undefined", "tags=a,b"],
    "wretch": ["text=null", "text=undefined", "tags=a&tags=b"],
    "needle": ["text=", "text=", "tags[]=a&tags[]=b"],
    "axios": ["", "", "tags[]=a&tags[]=b"],
    "superagent": ["text", "", "tags=a&tags=b"],
}
unchanged = seen == expected
unchanged &= by_python["aiohttp"] == "text=None&public=False&tags=a&tags=b"
unchanged &= by_python["httpx"] == "text=&public=false&tags=a&tags=b"
unchanged &= by_python["requests"] == "public=False&tags=a&tags=b"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
