#!/usr/bin/env bash
# A client that accepts `application/json;charset=utf-8` gets JSON from Falcon, and a 406 from Express.
#
# Guess: Many clients send that, and every server that has JSON answers with it: JSON is UTF-8 and has no such
# parameter.
# What happens: A parameter must stand in the offered type as well for negotiator (behind Express), Werkzeug (behind
# Flask), WebOb (behind Pyramid) and Django's get_preferred_type: they find nothing to send. python-mimeparse, Falcon
# and accept-types ignore it. @hapi/accept matches, but then names `application/json;charset=utf-8`, which is none of
# the types that it was given.
# Versions: negotiator 1.1.0 and @hapi/accept 6.0.3 on Node 20; werkzeug 3.1.9, webob 1.8.11, django 5.2.19, falcon
# 4.4.0, python-mimeparse 2.0.0, accept-types 0.4.1.
# Source: run of this script; RFC 9110, 12.5.1: a range with parameters is for types with these parameters; RFC 8259,
# 11: no charset parameter is defined for JSON.
# In this program: the client asks for plain types, and the sandbox ignores such parameters
# (sandbox/api_responses.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check werkzeug==3.1.9 webob==1.8.11 django==5.2.19 \
  falcon==4.4.0 python-mimeparse==2.0.0 accept-types==0.4.1
npm install --silent --no-audit --no-fund negotiator@1.1.0 @hapi/accept@6.0.3 >/dev/null
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import falcon, falcon.testing, mimeparse
from accept_types import get_best_match
from django.conf import settings
from django.http import HttpRequest
from webob.acceptparse import create_accept_header
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

OFFERED = ["application/json", "text/xml"]
SCRIPT = r"""
const Negotiator = require('negotiator'), hapi = require('@hapi/accept');
const [accept, offered] = JSON.parse(process.argv[1]);
const best = new Negotiator({headers: {accept}}).mediaType(offered);
console.log(JSON.stringify([best || null, hapi.mediaType(accept, offered)]));
"""
settings.configure()


def choose(accept):
    asked = ["node", "-e", SCRIPT, json.dumps([accept, OFFERED])]
    by_negotiator, by_hapi = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True).stdout)
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = accept
    environ = falcon.testing.create_environ(headers={"Accept": accept})
    return {
        "negotiator": by_negotiator,
        "Werkzeug": parse_accept_header(accept, MIMEAccept).best_match(OFFERED),
        "WebOb": next((kind for kind, _ in create_accept_header(accept).acceptable_offers(OFFERED)), None),
        "Django": request.get_preferred_type(OFFERED),
        "@hapi/accept": by_hapi,
        "mimeparse": mimeparse.best_match(OFFERED, accept),
        "Falcon": falcon.Request(environ).client_prefers(OFFERED),
        "accept-types": get_best_match(accept, OFFERED),
    }


plain, charset = choose("application/json"), choose("application/json;charset=utf-8")
for name, kind in charset.items():
    print(f"{name}: {plain[name]}; with a charset {kind}")
refusing = {"negotiator", "Werkzeug", "WebOb", "Django"}
unchanged = set(plain.values()) == {"application/json"}
unchanged &= {name for name, kind in charset.items() if kind is None} == refusing
unchanged &= charset["@hapi/accept"] == "application/json;charset=utf-8"
unchanged &= [charset[name] for name in ("mimeparse", "Falcon", "accept-types")] == ["application/json"] * 3

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
