#!/usr/bin/env bash
# Express, Koa, hapi and Django send a page whose ETag has a comma in it each time, however often a client has it.
#
# Guess: A page with `ETag: "12,gzip"` that is asked for with `If-None-Match: "12,gzip"` has not changed: 304. A tag may
# hold any visible character but quotes, and a list of tags is split between them.
# What happens: The four split If-None-Match at each comma, find `"12` and `gzip"`, and send 200 with the whole page.
# Werkzeug (Flask), WebOb, Hono and @fastify/etag answer 304. The last compares the whole field with the tag, so it
# doesn't find one of two: a client that has two versions of a page, and names both, gets it again.
# Versions: express 5.3.0, koa 3.3.0 with koa-conditional-get 3.0.0, @hapi/hapi 21.4.10, hono 4.13.19 with
# @hono/node-server 2.1.8, fastify 5.12.8 with @fastify/etag 6.2.0 on Node 20; django 5.2.19, werkzeug 3.1.9, webob
# 1.8.11.
# Source: run of this script; RFC 9110, 8.8.3: an opaque-tag is made of %x21 and %x23 to %x7E.
# In this program: an ETag is sent back as it came, one at a time (library/fetch/fetcher.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check django==5.2.19 werkzeug==3.1.9 webob==1.8.11
npm install --silent --no-audit --no-fund express@5.3.0 koa@3.3.0 koa-conditional-get@3.0.0 @hapi/hapi@21.4.10 \
  hono@4.13.19 @hono/node-server@2.1.8 fastify@5.12.8 @fastify/etag@6.2.0 >/dev/null
cat >ask.mjs <<'SCRIPT'
import http from 'node:http';
import fastifyEtag from '@fastify/etag';
import {serve} from '@hono/node-server';
import hapi from '@hapi/hapi';
import express from 'express';
import fastify from 'fastify';
import {Hono} from 'hono';
import {etag} from 'hono/etag';
import Koa from 'koa';
import conditional from 'koa-conditional-get';

const listen = app => new Promise(done => {
  const server = app.listen(0, '127.0.0.1', () => done(server.address().port));
});
const servers = {
  Express: tag => {
    const app = express();
    app.get('/', (request, response) => response.set('ETag', tag).send('page'));
    return listen(app);
  },
  Koa: tag => {
    const app = new Koa();
    app.use(conditional());
    app.use(context => {
      context.set('ETag', tag);
      context.body = 'page';
    });
    return listen(app);
  },
  hapi: async tag => {
    const server = hapi.server({port: 0, host: '127.0.0.1'});
    server.route({method: 'GET', path: '/', handler: (_, toolkit) => toolkit.response('page').etag(tag.slice(1, -1))});
    await server.start();
    return server.info.port;
  },
  Hono: tag => {
    const app = new Hono();
    app.use(etag());
    app.get('/', context => context.text('page', 200, {ETag: tag}));
    return new Promise(done => serve({fetch: app.fetch, port: 0}, ({port}) => done(port)));
  },
  '@fastify/etag': async tag => {
    const server = fastify();
    await server.register(fastifyEtag);
    server.get('/', (_, reply) => reply.header('ETag', tag).send('page'));
    await server.listen({port: 0});
    return server.server.address().port;
  },
};
const ask = (port, field) => new Promise((done, fail) => {
  const request = http.get({host: '127.0.0.1', port, headers: {'If-None-Match': field}}, response => {
    response.resume();
    response.on('end', () => done(response.statusCode));
  });
  request.on('error', fail);
});
const seen = {};
for (const [name, start] of Object.entries(servers)) {
  seen[name] = [];
  for (const [tag, field] of JSON.parse(process.argv[2])) seen[name].push(await ask(await start(tag), field));
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

ASKED = [('"12"', '"12"'), ('"12"', '"11", "12"'), ('"12"', '"11"'), ('"12,gzip"', '"12,gzip"')]
settings.configure()
django.setup()


def by_django(tag, field):
    def view(request):
        return HttpResponse("page", headers={"ETag": tag})

    return ConditionalGetMiddleware(view)(RequestFactory().get("/", headers={"If-None-Match": field})).status_code


def by_werkzeug(tag, field):
    request = Request(EnvironBuilder(headers={"If-None-Match": field}).get_environ())
    return Response("page", headers={"ETag": tag}).make_conditional(request).status_code


def by_webob(tag, field):
    request = webob.Request.blank("/", headers={"If-None-Match": field})
    return request.get_response(webob.Response("page", etag=tag[1:-1], conditional_response=True)).status_code


node = subprocess.run(["node", "ask.mjs", json.dumps(ASKED)], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
for name, answer in (("Django", by_django), ("Werkzeug", by_werkzeug), ("WebOb", by_webob)):
    seen[name] = [answer(tag, field) for tag, field in ASKED]
for name, statuses in seen.items():
    print(f"{name}:", *(f"{field} for {tag}: {status}" for (tag, field), status in zip(ASKED, statuses)), sep=" | ")
splitting = {name for name, statuses in seen.items() if statuses == [304, 304, 200, 200]}
unchanged = splitting == {"Express", "Koa", "hapi", "Django"}
unchanged &= seen["@fastify/etag"] == [304, 200, 200, 304]
unchanged &= all(seen[name] == [304, 304, 200, 304] for name in ("Hono", "Werkzeug", "WebOb"))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
