#!/usr/bin/env bash
# Of `Basic realm="Flattr", Bearer error="invalid_token"` four readers make one challenge, and the error is Basic's.
#
# Guess: WWW-Authenticate may hold several challenges, in one field or in several that a proxy or a client joined by
# commas. A reader gives a list of them, or the first, and leaves out the rest.
# What happens: auth-header gives Basic, with `realm`, and `error` and `scope` from Bearer as if they were its own, and
# `Bearer` as its token. www-authenticate and Werkzeug name one of the parameters `Bearer error`. http-auth-utils raises
# E_UNAUTHORIZED_KEY. So a client that looks for an expired token to renew it doesn't find one, and asks for a password.
# Each challenge alone is read well by all four.
# Versions: auth-header 1.0.0, www-authenticate 0.6.3, http-auth-utils 6.0.1 on Node 20; werkzeug 3.1.9.
# Source: run of this script; RFC 9110, 11.6.1: user agents are advised to take special care in parsing this field, as
# it might contain more than one challenge, and each can contain a comma-separated list of parameters.
# In this program: the status and the body's error decide, and a challenge in this field isn't read (api/errors.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check werkzeug==3.1.9
npm install --silent --no-audit --no-fund auth-header@1.0.0 www-authenticate@0.6.3 http-auth-utils@6.0.1 >/dev/null
cat >read.mjs <<'SCRIPT'
import * as authHeader from 'auth-header';
import {BASIC, BEARER, parseWWWAuthenticateHeader} from 'http-auth-utils';
import wwwAuthenticate from 'www-authenticate';

const readers = {
  'auth-header': field => {
    const {scheme, params, token} = authHeader.parse(field);
    return [scheme, params, token].filter(Boolean);
  },
  'www-authenticate': field => {
    const {scheme, parms} = new wwwAuthenticate.parsers.WWW_Authenticate(field);
    return [scheme, parms];
  },
  'http-auth-utils': field => {
    try {
      const {type, data} = parseWWWAuthenticateHeader(field, [BASIC, BEARER]);
      return [type, data];
    } catch (error) {
      return [error.code];
    }
  },
};
const seen = {};
for (const [name, read] of Object.entries(readers)) seen[name] = process.argv.slice(2).map(read);
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
from werkzeug.datastructures import WWWAuthenticate

BASIC = 'Basic realm="Flattr"'
BEARER = 'Bearer error="invalid_token", scope="flattr thing"'
FIELDS = [BASIC, BEARER, f"{BASIC}, {BEARER}"]


def by_werkzeug(field):
    challenge = WWWAuthenticate.from_header(field)
    return [challenge.type.capitalize(), dict(challenge.parameters)]


node = subprocess.run(["node", "read.mjs", *FIELDS], capture_output=True, text=True, check=True).stdout
seen = json.loads(node) | {"Werkzeug": [by_werkzeug(field) for field in FIELDS]}
alone = [["Basic", {"realm": "Flattr"}], ["Bearer", {"error": "invalid_token", "scope": "flattr thing"}]]
for name, found in seen.items():
    print(f"{name}: both: {found[2]}")
unchanged = all(found[:2] == alone for found in seen.values())
mixed = {"realm": "Flattr", "Bearer error": "invalid_token", "scope": "flattr thing"}
unchanged &= seen["www-authenticate"][2] == seen["Werkzeug"][2] == ["Basic", mixed]
mixed = {"realm": "Flattr", "error": "invalid_token", "scope": "flattr thing"}
unchanged &= seen["auth-header"][2] == ["Basic", mixed, "Bearer"]
unchanged &= seen["http-auth-utils"][2] == ["E_UNAUTHORIZED_KEY"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
