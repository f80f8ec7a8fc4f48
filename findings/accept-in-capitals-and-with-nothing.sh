#!/usr/bin/env bash
# Django sends JSON to a client that accepts all but JSON, and Falcon none to one that writes it in capitals.
#
# Guess: `Accept: */*, application/json;q=0` refuses JSON: the most specific range counts, and 0 means not acceptable.
# `APPLICATION/JSON` is the same type as in small letters.
# What happens: Django's get_preferred_type and `accepts`, and accept-types, forget a range with q=0, so `*/*` covers
# JSON, which then comes first as the server's favourite. Falcon, python-mimeparse and accept-types compare letter by
# letter and find nothing. Werkzeug, WebOb and negotiator do both right.
# Versions: django 5.2.19, falcon 4.4.0, python-mimeparse 2.0.0, accept-types 0.4.1; werkzeug 3.1.9 and webob 1.8.11 for
# comparison.
# Source: run of this script; django/http/request.py, `accepted_types`; RFC 9110, 12.4.2 (0 means not acceptable),
# 12.5.1 (the most specific range has precedence) and 8.3.1 (types are case-insensitive).
# In this program: sandbox/api_responses.py follows the most specific range, in any case.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check werkzeug==3.1.9 webob==1.8.11 django==5.2.19 \
  falcon==4.4.0 python-mimeparse==2.0.0 accept-types==0.4.1
venv/bin/python - <<'PYTHON'
import sys
import falcon, falcon.testing, mimeparse
from accept_types import get_best_match
from django.conf import settings
from django.http import HttpRequest
from webob.acceptparse import create_accept_header
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

OFFERED = ["application/json", "text/xml"]
settings.configure()


def choose(accept):
    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = accept
    environ = falcon.testing.create_environ(headers={"Accept": accept})
    return {
        "Werkzeug": parse_accept_header(accept, MIMEAccept).best_match(OFFERED),
        "WebOb": next((kind for kind, _ in create_accept_header(accept).acceptable_offers(OFFERED)), None),
        "Django": request.get_preferred_type(OFFERED),
        "Falcon": falcon.Request(environ).client_prefers(OFFERED),
        "mimeparse": mimeparse.best_match(OFFERED, accept) or None,
        "accept-types": get_best_match(accept, OFFERED),
    }


seen = {accept: choose(accept) for accept in ("*/*, application/json;q=0", "APPLICATION/JSON")}
for accept, kinds in seen.items():
    print(accept)
    for name, kind in kinds.items():
        print(f"  {name}: {kind}")
refused, capitals = seen.values()
unchanged = {name for name, kind in refused.items() if kind != "text/xml"} == {"Django", "accept-types"}
unchanged &= {name for name, kind in capitals.items() if kind is None} == {"Falcon", "mimeparse", "accept-types"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
