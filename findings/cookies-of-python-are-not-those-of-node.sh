#!/usr/bin/env bash
# A cookie with JSON in it that FastAPI, Flask, Django or aiohttp sets is none for Hono, and full of `\054` for Express.
#
# Guess: A cookie that one server sets can be read by another on the same host, and by a page's script. What a value
# can't hold is escaped in some way that all undo.
# What happens: Python's libraries put quotes around the value, and write a comma as `\054`, a semicolon as `\073`, a
# quote as `\"`. cookie (Express) and set-cookie-parser give that text with the quotes, js-cookie without them, and
# Hono drops the cookie. The other way round, cookie, Hono and js-cookie write percent signs, `%7B%22theme%22…`, which
# Python's libraries leave. A text of letters and digits is the same to all.
# Versions: cookie 2.0.2, hono 4.13.19, js-cookie 3.0.8, set-cookie-parser 3.2.3 on Node 20; starlette 0.52.1 (FastAPI),
# flask 3.1.3 with werkzeug 3.1.9, django 5.2.19, aiohttp 3.14.5.
# Source: run of this script; RFC 6265, 4.1.1: neither a comma, a quote nor a backslash may be within a value.
# In this program: a redirect's cookie goes back as it came (api/client.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check starlette==0.52.1 flask==3.1.3 werkzeug==3.1.9 \
  django==5.2.19 aiohttp==3.14.5
npm install --silent --no-audit --no-fund cookie@2.0.2 hono@4.13.19 js-cookie@3.0.8 set-cookie-parser@3.2.3 >/dev/null
cat >cookies.mjs <<'SCRIPT'
import {parse as parseByHono, serialize} from 'hono/utils/cookie';
import * as cookie from 'cookie';
import Cookies from 'js-cookie';
import {parseSetCookie} from 'set-cookie-parser';

const [value, fields] = JSON.parse(process.argv[2]);
const readers = {
  cookie: field => cookie.parseCookie(field).view,
  'set-cookie-parser': field => parseSetCookie(field)[0].value,
  'js-cookie': field => {
    globalThis.document = {cookie: field};
    return Cookies.get('view');
  },
  Hono: field => parseByHono(field).view ?? null,
};
const read = fields.map(field => {
  const values = {};
  for (const [name, reader] of Object.entries(readers)) values[name] = reader(field);
  return values;
});
globalThis.document = {cookie: ''};
const written = {
  cookie: cookie.stringifySetCookie({name: 'view', value}),
  Hono: serialize('view', value),
  'js-cookie': Cookies.set('view', value),
};
console.log(JSON.stringify([read, written]));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import django.http, flask
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from django.conf import settings
from django.http.cookie import parse_cookie as parse_by_django
from starlette.requests import cookie_parser as parse_by_starlette
from starlette.responses import Response
from werkzeug.http import parse_cookie as parse_by_werkzeug

settings.configure()


def write(value):
    by_starlette, by_flask, by_django = Response(), flask.Response(), django.http.HttpResponse()
    by_aiohttp = web.Response()
    for response in (by_starlette, by_flask, by_django, by_aiohttp):
        response.set_cookie("view", value)
    fields = [by_starlette.headers["set-cookie"], by_flask.headers["set-cookie"]]
    fields += [response.cookies["view"].OutputString() for response in (by_django, by_aiohttp)]
    return [field.partition("; ")[0] for field in fields]


def read(field):
    by_aiohttp = make_mocked_request("GET", "/", headers={"Cookie": field}).cookies
    cookies = [parse_by_starlette(field), parse_by_werkzeug(field), parse_by_django(field), by_aiohttp]
    return [cookie["view"] for cookie in cookies]


def exchange(value):
    command = ["node", "cookies.mjs", json.dumps([value, write(value)])]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    by_node, written = json.loads(output)
    return by_node, {name: read(field.partition(";")[0]) for name, field in written.items()}


VALUE = '{"theme":"dark","rows":20}'
by_node, by_python = exchange(VALUE)
print("written by Python:", *set(write(VALUE)))
print("read by Node:", json.dumps(by_node[0]))
for name, values in by_python.items():
    print(f"written by {name}, read by Python:", *set(values))
inner = VALUE.replace('"', '\\"').replace(",", "\\054")
expected = {"cookie": f'"{inner}"', "set-cookie-parser": f'"{inner}"', "js-cookie": inner, "Hono": None}
unchanged = by_node == [expected] * 4 and all(read(field) == [VALUE] * 4 for field in write(VALUE))
unchanged &= all(values[0].startswith("%7B%22") or values[0].startswith("{%22") for values in by_python.values())
unchanged &= all(len(set(values)) == 1 for values in by_python.values()) and len(by_python) == 3
by_node, by_python = exchange("dark20")
plain = [*by_node[0].values(), *(value for values in by_python.values() for value in values)]
unchanged &= set(plain) == {"dark20"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
