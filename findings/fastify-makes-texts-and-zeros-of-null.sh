#!/usr/bin/env bash
# Fastify sends null as `""`, 0, false, `[]` or `{}`, and 0.95 as 0, according to the schema of the response.
#
# Guess: A schema says what is sent. A value that doesn't fit it raises an error, or goes out as it is: that an amount
# is unknown, or that a description was removed, is not the same as 0 and an empty text.
# What happens: fast-json-stringify, with which Fastify writes each response that has a schema, turns the value into the
# type that the schema names, without an error: null into the empty value of it, 0.95 of an `integer` into 0, -0.95 too,
# and the text "false" of a `boolean` into true. `nullable: true`, or a list of types, keeps null. A body that is sent
# to Fastify is changed as well: of `{"title": null, "count": null, "tags": null}` a handler gets `""`, 0 and `[""]`,
# since ajv's `coerceTypes` is on. FastAPI answers 422 to such a body, and raises an error for such a response.
# Versions: fastify 5.12.8 with fast-json-stringify 7.3.10 on Node 20; fastapi 0.163.2.
# Source: run of this script; Fastify documents `coerceTypes: 'array'`; the README of fast-json-stringify has the option
# `rounding` for integers.
# In this program: what the sandbox doesn't know, it leaves out or sends as null (sandbox/serializers.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check fastapi==0.163.2 httpx==0.28.1
npm install --silent --no-audit --no-fund fastify@5.12.8 fast-json-stringify@7.3.10 >/dev/null
cat >answer.mjs <<'SCRIPT'
import fastify from 'fastify';

const properties = {
  title: {type: 'string'},
  count: {type: 'integer'},
  public: {type: 'boolean'},
  tags: {type: 'array', items: {type: 'string'}},
  owner: {type: 'object', properties: {}},
  note: {type: ['string', 'null']},
};
const schema = {type: 'object', properties};
const things = {
  nulls: {title: null, count: null, public: null, tags: null, owner: null, note: null},
  fraction: {count: 0.95, public: 'false'},
  negative: {count: -0.95},
};
const app = fastify();
app.get('/:name', {schema: {response: {200: schema}}}, ({params}) => things[params.name]);
app.post('/', {schema: {body: schema}}, request => request.body);
const seen = {};
for (const name of Object.keys(things)) seen[name] = (await app.inject(`/${name}`)).json();
const payload = {title: null, count: null, public: null, tags: null, note: null};
seen.body = (await app.inject({method: 'POST', url: '/', payload})).json();
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python -W ignore - <<'PYTHON'
import json, subprocess, sys
from fastapi import FastAPI
from fastapi.exceptions import ResponseValidationError
from fastapi.testclient import TestClient
from pydantic import BaseModel


class Thing(BaseModel):
    title: str
    count: int


app = FastAPI()


@app.get("/", response_model=Thing)
def read():
    return {"title": None, "count": 0.95}


@app.post("/")
def write(thing: Thing):
    return thing


seen = json.loads(subprocess.run(["node", "answer.mjs"], capture_output=True, text=True, check=True).stdout)
for name, thing in seen.items():
    print(f"Fastify, {name}: {json.dumps(thing)}")
client = TestClient(app)
refused = client.post("/", json={"title": None, "count": None}).status_code
try:
    client.get("/")
    raised = None
except ResponseValidationError as error:
    raised = len(error.errors())
print(f"FastAPI: {refused}, errors in the response: {raised}")
unchanged = seen["nulls"] == {"title": "", "count": 0, "public": False, "tags": [], "owner": {}, "note": None}
unchanged &= seen["fraction"] == {"count": 0, "public": True} and seen["negative"] == {"count": 0}
unchanged &= seen["body"] == {"title": "", "count": 0, "public": False, "tags": [""], "note": None}
unchanged &= refused == 422 and raised == 2

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
