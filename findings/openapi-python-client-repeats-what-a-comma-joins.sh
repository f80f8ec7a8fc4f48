#!/usr/bin/env bash
# A client that openapi-python-client makes sends three tags, of which a server with the same description reads one.
#
# Guess: The generated client follows the description: an array with `style: form` and `explode: false` is sent as
# `tags=a,b,c`.
# What happens: It sends `tags=a&tags=b&tags=c`, whatever `explode` says. connexion then reads the last one and
# openapi-core the first, without an error, so a search finds too much or too little.
# Versions: openapi-python-client 0.29.1 with httpx 0.28.1; connexion 3.3.0, openapi-core 0.23.1 with flask 3.1.3.
# Source: run of this script; OpenAPI 3.0.3, Parameter Object, `explode`, and its table of style examples.
# In this program: the sandbox reads the last one too, as PHP and so Flattr did; the README says so where it tells of
# the description (sandbox/api_call.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check openapi-python-client==0.29.1 'connexion[flask]==3.3.0' \
  openapi-core==0.23.1 flask==3.1.3 starlette==1.10.0 httpx==0.28.1
cat >api.json <<'JSON'
{
  "openapi": "3.0.3", "info": {"title": "things", "version": "1"},
  "paths": {"/things": {"get": {
    "operationId": "things.search",
    "parameters": [{
      "name": "tags", "in": "query", "style": "form", "explode": false,
      "schema": {"type": "array", "items": {"type": "string"}}
    }],
    "responses": {"200": {"description": "the tags"}}
  }}}
}
JSON
cat >things.py <<'PYTHON'
def search(tags=()):
    return list(tags)
PYTHON
echo 'post_hooks: []' >settings.yml
venv/bin/openapi-python-client generate --path api.json --output-path client --meta none \
  --config settings.yml >/dev/null
venv/bin/python - <<'PYTHON'
import logging, sys, warnings

warnings.simplefilter("ignore")
import connexion, httpx
from connexion.options import SwaggerUIOptions
from flask import Flask, request
from openapi_core import OpenAPI
from openapi_core.contrib.flask import FlaskOpenAPIRequest

logging.disable()
sys.path.insert(0, ".")
from client import Client
from client.api.default import things_search

sent = []


def answer(asked):
    sent.append(asked.url.query.decode())
    return httpx.Response(200)


client = Client("http://h")
client.set_httpx_client(httpx.Client(base_url="http://h", transport=httpx.MockTransport(answer)))
things_search.sync_detailed(client=client, tags=["a", "b", "c"])
(query,) = sent
app = connexion.FlaskApp("things", specification_dir=".")
app.add_api("api.json", swagger_ui_options=SwaggerUIOptions(swagger_ui=False))


def by_openapi_core(query):
    with Flask("things").test_request_context(f"/things?{query}"):
        read = OpenAPI.from_file_path("api.json").unmarshal_request(FlaskOpenAPIRequest(request))
        return read.parameters.query["tags"]


seen = {}
for text in (query, "tags=a,b,c"):
    seen[text] = app.test_client().get(f"/things?{text}").json(), by_openapi_core(text)
    print(f"{text}: connexion {seen[text][0]}, openapi-core {seen[text][1]}")
unchanged = seen == {"tags=a&tags=b&tags=c": (["c"], ["a"]), "tags=a,b,c": (["a", "b", "c"], ["a", "b", "c"])}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
