#!/usr/bin/env bash
# Four servers' libraries for OpenAPI make two tags of the one tag `rock, pop`, which was sent with `%2C`.
#
# Guess: An array in the query with `style: form` and `explode: false` is split at its commas, and then each item is
# decoded: that's what `%2C` is for. So `tags=rock%2C%20pop,jazz` is two tags.
# What happens: connexion, openapi-core, express-openapi-validator and openapi-backend decode the query first and split
# it then, so an item with a comma in it can't be sent in any way. There is no error, and the schema of the items is
# checked against the halves.
# Versions: connexion 3.3.0, openapi-core 0.23.1 with flask 3.1.3; express-openapi-validator 5.6.2 with express 5.3.0
# and openapi-backend 5.21.2 on Node 20.
# Source: run of this script; OpenAPI 3.0.3, Parameter Object: `form` is that of RFC 6570, where (3.2.8) each item is
# percent-encoded, and the commas between them are not.
# In this program: the description that the sandbox serves has such arrays for numbers and fixed names only, none of
# which has a comma (cli/openapi.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check 'connexion[flask]==3.3.0' openapi-core==0.23.1 \
  flask==3.1.3 starlette==1.10.0 httpx==0.28.1
npm install --silent --no-audit --no-fund express@5.3.0 express-openapi-validator@5.6.2 \
  openapi-backend@5.21.2 >/dev/null
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
cat >read.cjs <<'SCRIPT'
const express = require('express');
const {middleware} = require('express-openapi-validator');
const {OpenAPIBackend} = require('openapi-backend');

const query = process.argv[2];
(async () => {
  const app = express();
  app.use(middleware({apiSpec: './api.json'}));
  app.get('/things', (request, response) => response.json(request.query.tags));
  const server = app.listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  const response = await fetch(`http://127.0.0.1:${server.address().port}/things?${query}`);
  const api = new OpenAPIBackend({
    definition: './api.json', handlers: {'things.search': context => context.request.query.tags},
  });
  await api.init();
  console.log(JSON.stringify({
    'express-openapi-validator': await response.json(),
    'openapi-backend': await api.handleRequest({method: 'GET', path: `/things?${query}`, headers: {}}),
  }));
  server.closeAllConnections();
  server.close();
})();
SCRIPT
venv/bin/python - <<'PYTHON'
import json, logging, subprocess, sys, warnings

warnings.simplefilter("ignore")
import connexion
from connexion.options import SwaggerUIOptions
from flask import Flask, request
from openapi_core import OpenAPI
from openapi_core.contrib.flask import FlaskOpenAPIRequest

logging.disable()
sys.path.insert(0, ".")
QUERY = "tags=rock%2C%20pop,jazz"
app = connexion.FlaskApp("things", specification_dir=".")
app.add_api("api.json", swagger_ui_options=SwaggerUIOptions(swagger_ui=False))
seen = {"connexion": app.test_client().get(f"/things?{QUERY}").json()}
with Flask("things").test_request_context(f"/things?{QUERY}"):
    read = OpenAPI.from_file_path("api.json").unmarshal_request(FlaskOpenAPIRequest(request))
    seen["openapi-core"] = read.parameters.query["tags"]
command = ["node", "read.cjs", QUERY]
seen |= json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
for name, tags in seen.items():
    print(f"{name}: {tags}")
unchanged = len(seen) == 4 and all(tags == ["rock", " pop", "jazz"] for tags in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
