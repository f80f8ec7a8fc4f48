#!/usr/bin/env bash
# Express 4 and Koa send a page that a client has, by its ETag, if the date of the page is newer than the client's.
#
# Guess: If a request has If-None-Match, If-Modified-Since doesn't count: the tag says what the page is, and a date
# changes with each deployment. Browsers and HTTP caches send both.
# What happens: Express 4 and Koa ask for both to fit. After a file was written anew with the same content, each client
# gets all of it once more, and with servers behind a balancer, whose files have different dates, at each turn to
# another one. Their `fresh` 0.5 has this; with `fresh` 2, Express 5 answers 304, and so do hapi, Django, Werkzeug and
# WebOb.
# Versions: express 4.22.3 and 5.3.0, koa 3.3.0 with koa-conditional-get 3.0.0, @hapi/hapi 21.4.10 on Node 20; django
# 5.2.19, werkzeug 3.1.9, webob 1.8.11.
# Source: run of this script; RFC 9110, 13.1.3: a recipient must ignore If-Modified-Since beside If-None-Match.
# In this program: the sandbox has tags, and no dates of change (sandbox/rest_api.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check django==5.2.19 werkzeug==3.1.9 webob==1.8.11
npm install --silent --no-audit --no-fund express4@npm:express@4.22.3 express@5.3.0 koa@3.3.0 \
  koa-conditional-get@3.0.0 @hapi/hapi@21.4.10 >/dev/null
cat >ask.mjs <<'SCRIPT'
import http from 'node:http';
import hapi from '@hapi/hapi';
import express from 'express';
import express4 from 'express4';
import Koa from 'koa';
import conditional from 'koa-conditional-get';

const [fields, asked] = JSON.parse(process.argv[2]);
const listen = app => new Promise(done => {
  const server = app.listen(0, '127.0.0.1', () => done(server.address().port));
});
const byExpress = make => {
  const app = make();
  app.get('/', (request, response) => response.set(fields).send('page'));
  return listen(app);
};
const servers = {
  'Express 4': () => byExpress(express4),
  'Express 5': () => byExpress(express),
  Koa: () => {
    const app = new Koa();
    app.use(conditional());
    app.use(context => {
      context.set(fields);
      context.body = 'page';
    });
    return listen(app);
  },
  hapi: async () => {
    const server = hapi.server({port: 0, host: '127.0.0.1'});
    const handler = (_, toolkit) => {
      const response = toolkit.response('page').etag(fields.ETag.slice(1, -1));
      return response.header('Last-Modified', fields['Last-Modified']);
    };
    server.route({method: 'GET', path: '/', handler});
    await server.start();
    return server.info.port;
  },
};
const ask = (port, headers) => new Promise((done, fail) => {
  const request = http.get({host: '127.0.0.1', port, headers}, response => {
    response.resume();
    response.on('end', () => done(response.statusCode));
  });
  request.on('error', fail);
});
const seen = {};
for (const [name, start] of Object.entries(servers)) {
  const port = await start();
  seen[name] = [];
  for (const headers of asked) seen[name].push(await ask(port, headers));
}
console.log(JSON.stringify(seen));
process.exit();
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import django, webob
from django.conf import settings
from django.http import HttpResponse
from django.middleware.http import ConditionalGetMiddleware
from django.test import RequestFactory
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

DAYS = ["Wed, 01 May 2013 10:00:00 GMT", "Thu, 02 May 2013 10:00:00 GMT"]
FIELDS = {"ETag": '"1"', "Last-Modified": DAYS[1]}
ASKED = [{"If-None-Match": '"1"'}, {"If-None-Match": '"1"', "If-Modified-Since": DAYS[0]}]
ASKED += [{"If-None-Match": '"0"', "If-Modified-Since": DAYS[1]}, {"If-Modified-Since": DAYS[0]}]
settings.configure()
django.setup()


def by_django(headers):
    middleware = ConditionalGetMiddleware(lambda request: HttpResponse("page", headers=FIELDS))
    return middleware(RequestFactory().get("/", headers=headers)).status_code


def by_werkzeug(headers):
    request = Request(EnvironBuilder(headers=headers).get_environ())
    return Response("page", headers=FIELDS).make_conditional(request).status_code


def by_webob(headers):
    response = webob.Response("page", conditional_response=True)
    response.headers.update(FIELDS)
    return webob.Request.blank("/", headers=headers).get_response(response).status_code


command = ["node", "ask.mjs", json.dumps([FIELDS, ASKED])]
seen = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
for name, answer in (("Django", by_django), ("Werkzeug", by_werkzeug), ("WebOb", by_webob)):
    seen[name] = [answer(headers) for headers in ASKED]
for name, statuses in seen.items():
    print(f"{name}: the tag {statuses[0]}, with an older date {statuses[1]}, another tag {statuses[2]}")
unchanged = seen.pop("Express 4") == seen.pop("Koa") == [304, 200, 200, 200]
unchanged &= len(seen) == 5 and all(statuses == [304, 304, 200, 200] for statuses in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
