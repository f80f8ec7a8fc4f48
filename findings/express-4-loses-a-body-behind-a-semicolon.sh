#!/usr/bin/env bash
# Express 4 finds nothing in a JSON body that came with `Content-Type: application/json;`, and answers 200.
#
# Guess: `application/json;` is application/json: HTTP allows an empty parameter, and blanks on both sides of the
# semicolon. A server reads the JSON, or answers 400 or 415.
# What happens: body-parser of Express 4 calls the type invalid, and therefore not JSON; the handler gets `{}` and
# stores an empty thing, with status 200. Also with `;charset=utf-8;`. restify gives a Buffer in place of an object for
# `application/json ; charset=UTF-8`. Express 5, Koa, Fastify, Hono, hapi, Flask and FastAPI read each of them.
# Versions: express 4.22.3 and 5.3.0, restify 12.0.0, fastify 5.12.8, hono 4.13.19 with @hono/node-server 2.1.8,
# @hapi/hapi 21.4.10, koa 3.3.0 with @koa/bodyparser 6.1.0 on Node 20; flask 3.1.3, fastapi 0.163.2.
# Source: run of this script; RFC 9110, 5.6.6: a parameter between semicolons may be missing, with blanks around them.
# In this program: the client sends `application/json` alone (api/prepared_request.py), and the sandbox takes each type
# with `json` in it (sandbox/api_call.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check flask==3.1.3 fastapi==0.163.2 httpx==0.28.1
npm install --silent --no-audit --no-fund express4@npm:express@4.22.3 express@5.3.0 restify@12.0.0 fastify@5.12.8 \
  hono@4.13.19 @hono/node-server@2.1.8 @hapi/hapi@21.4.10 koa@3.3.0 @koa/bodyparser@6.1.0 >/dev/null
cat >ask.mjs <<'SCRIPT'
import {serve} from '@hono/node-server';
import hapi from '@hapi/hapi';
import {bodyParser} from '@koa/bodyparser';
import express from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import {Hono} from 'hono';
import Koa from 'koa';
import restify from 'restify';

const listen = app => new Promise(done => {
  const server = app.listen(0, '127.0.0.1', () => done(server.address().port));
});
const byExpress = make => {
  const app = make();
  app.use(make.json());
  app.post('/', (request, response) => response.json(request.body ?? null));
  return listen(app);
};
const servers = {
  'Express 4': () => byExpress(express4),
  restify: async () => {
    const server = restify.createServer();
    server.use(restify.plugins.bodyParser());
    server.post('/', (request, response, next) => {
      response.json(request.body ?? null);
      next();
    });
    await new Promise(done => server.listen(0, '127.0.0.1', done));
    return server.address().port;
  },
  'Express 5': () => byExpress(express),
  Fastify: async () => {
    const server = fastify();
    server.post('/', request => request.body);
    await server.listen({port: 0});
    return server.server.address().port;
  },
  Hono: () => {
    const app = new Hono();
    app.post('/', async context => context.json(await context.req.json()));
    return new Promise(done => serve({fetch: app.fetch, port: 0}, ({port}) => done(port)));
  },
  hapi: async () => {
    const server = hapi.server({port: 0, host: '127.0.0.1'});
    server.route({method: 'POST', path: '/', handler: request => request.payload});
    await server.start();
    return server.info.port;
  },
  Koa: () => {
    const app = new Koa();
    app.use(bodyParser());
    app.use(context => {
      context.body = context.request.body ?? {};
    });
    return listen(app);
  },
};
const seen = {};
for (const [name, start] of Object.entries(servers)) {
  const port = await start();
  const answers = [];
  for (const type of process.argv.slice(2)) {
    const options = {method: 'POST', body: '{"title":"One"}', headers: {'Content-Type': type}};
    const response = await fetch(`http://127.0.0.1:${port}/`, options);
    answers.push(`${response.status} ${await response.text()}`);
  }
  seen[name] = answers;
}
console.log(JSON.stringify(seen));
process.exit();
SCRIPT
venv/bin/python -W ignore - <<'PYTHON'
import json, subprocess, sys
import flask
from fastapi import FastAPI
from fastapi.testclient import TestClient

TYPES = ["application/json", "application/json;", "application/json;charset=utf-8;", "application/json ; charset=UTF-8"]
BODY = '{"title":"One"}'
command = ["node", "--no-warnings", "ask.mjs", *TYPES]
seen = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
by_flask, by_fastapi = flask.Flask("flask"), FastAPI()
by_flask.post("/")(lambda: flask.request.get_json())


@by_fastapi.post("/")
def echo(thing: dict):
    return thing


for name, client in (("Flask", by_flask.test_client()), ("FastAPI", TestClient(by_fastapi))):
    responses = [client.post("/", data=BODY, headers={"Content-Type": type_}) for type_ in TYPES]
    seen[name] = [f"{response.status_code} {response.text.strip()}" for response in responses]
for name, answers in seen.items():
    print(f"{name}:", *answers, sep=" | ")
right = f"200 {BODY}"
unchanged = seen.pop("Express 4") == [right, "200 {}", "200 {}", right]
first, second, third, fourth = seen.pop("restify")
unchanged &= first == second == third == right and fourth.startswith('200 {"type":"Buffer"')
unchanged &= len(seen) == 7 and all(answers == [right] * 4 for answers in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
