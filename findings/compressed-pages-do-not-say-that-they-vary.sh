#!/usr/bin/env bash
# aiohttp and restify compress a page for who accepts gzip, and don't say that it's another page for who doesn't.
#
# Guess: A server that compresses sends `Vary: Accept-Encoding`, with the compressed body and with the plain one, since
# a cache between it and its clients would otherwise give the gzip to a client that can't read it, or the other way
# round.
# What happens: aiohttp's enable_compression and restify's gzipResponse send no Vary at all. @fastify/compress sends it
# with the compressed page alone: a cache that has the plain one gives it to everybody. compression (Express),
# koa-compress, hono/compress, hapi, Starlette, Django and flask-compress send it with both. One strong ETag for both
# bodies, which are different bytes, have aiohttp, restify, @fastify/compress, compression, koa-compress and Starlette;
# Django and Hono make it weak, hapi and flask-compress another one.
# Versions: restify 12.0.0, fastify 5.12.8 with @fastify/compress 9.2.0, express 5.3.0 with compression 1.8.2, koa 3.3.0
# with koa-compress 5.2.2, hono 4.13.19 with @hono/node-server 2.1.8, @hapi/hapi 21.4.10 on Node 20; aiohttp 3.14.5,
# starlette 0.52.1, django 5.2.19, flask 3.1.3 with flask-compress 1.25.
# Source: run of this script; RFC 9110, 12.5.5, and 8.8.3.3 on tags of encoded bodies.
# In this program: answers of the sandbox are not compressed (sandbox/asgi_app.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check aiohttp==3.14.5 starlette==0.52.1 httpx==0.28.1 \
  django==5.2.19 flask==3.1.3 flask-compress==1.25
npm install --silent --no-audit --no-fund restify@12.0.0 fastify@5.12.8 @fastify/compress@9.2.0 express@5.3.0 \
  compression@1.8.2 koa@3.3.0 koa-compress@5.2.2 hono@4.13.19 @hono/node-server@2.1.8 @hapi/hapi@21.4.10 >/dev/null
cat >ask.mjs <<'SCRIPT'
import http from 'node:http';
import fastifyCompress from '@fastify/compress';
import {serve} from '@hono/node-server';
import hapi from '@hapi/hapi';
import compression from 'compression';
import express from 'express';
import fastify from 'fastify';
import {Hono} from 'hono';
import {compress} from 'hono/compress';
import Koa from 'koa';
import koaCompress from 'koa-compress';
import restify from 'restify';

const page = 'thing '.repeat(2000);
const fields = {ETag: '"1"', 'Content-Type': 'text/plain'};
const listen = app => new Promise(done => {
  const server = app.listen(0, '127.0.0.1', () => done(server.address().port));
});
const servers = {
  restify: async () => {
    const server = restify.createServer();
    server.use(restify.plugins.gzipResponse());
    server.get('/', (request, response, next) => {
      response.sendRaw(200, page, fields);
      next();
    });
    await new Promise(done => server.listen(0, '127.0.0.1', done));
    return server.address().port;
  },
  '@fastify/compress': async () => {
    const server = fastify();
    await server.register(fastifyCompress);
    server.get('/', (_, reply) => reply.headers(fields).send(page));
    await server.listen({port: 0});
    return server.server.address().port;
  },
  compression: () => {
    const app = express();
    app.use(compression());
    app.get('/', (request, response) => response.set(fields).send(page));
    return listen(app);
  },
  'koa-compress': () => {
    const app = new Koa();
    app.use(koaCompress());
    app.use(context => {
      context.set(fields);
      context.body = page;
    });
    return listen(app);
  },
  'hono/compress': () => {
    const app = new Hono();
    app.use(compress());
    app.get('/', context => context.body(page, 200, fields));
    return new Promise(done => serve({fetch: app.fetch, port: 0}, ({port}) => done(port)));
  },
  hapi: async () => {
    const server = hapi.server({port: 0, host: '127.0.0.1'});
    const handler = (_, toolkit) => toolkit.response(page).type('text/plain').etag('1');
    server.route({method: 'GET', path: '/', handler});
    await server.start();
    return server.info.port;
  },
};
const ask = (port, encoding) => new Promise((done, fail) => {
  const request = http.get({host: '127.0.0.1', port, headers: {'Accept-Encoding': encoding}}, ({headers}) => {
    done([headers['content-encoding'] ?? 'plain', headers.vary?.toLowerCase() ?? 'no vary', headers.etag]);
  });
  request.on('error', fail);
});
const seen = {};
for (const [name, start] of Object.entries(servers)) {
  const port = await start();
  seen[name] = [await ask(port, 'gzip'), await ask(port, 'identity')];
}
console.log(JSON.stringify(seen));
process.exit();
SCRIPT
venv/bin/python -W ignore - <<'PYTHON'
import asyncio, json, subprocess, sys
import aiohttp, django, flask, flask_compress
from aiohttp import web
from django.conf import settings
from django.http import HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.test import RequestFactory
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware as StarletteGZip
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

PAGE = b"thing " * 2000
FIELDS = {"ETag": '"1"', "Content-Type": "text/plain"}


def describe(headers):
    encoding, vary = headers.get("Content-Encoding", "plain"), headers.get("Vary", "no vary").lower()
    return [encoding, vary, headers["ETag"]]


async def by_aiohttp():
    async def answer(request):
        response = web.Response(body=PAGE, headers=FIELDS)
        response.enable_compression()
        return response

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    seen = []
    async with aiohttp.ClientSession() as session:
        for encoding in ("gzip", "identity"):
            headers = {"Accept-Encoding": encoding}
            async with session.get(f"http://127.0.0.1:{runner.addresses[0][1]}/", headers=headers) as response:
                seen.append(describe(response.headers))
    await runner.cleanup()
    return seen


def by_starlette(encoding):
    app = Starlette(routes=[Route("/", lambda request: Response(PAGE, headers=FIELDS))])
    app.add_middleware(StarletteGZip)
    return describe(TestClient(app).get("/", headers={"Accept-Encoding": encoding}).headers)


def by_django(encoding):
    middleware = GZipMiddleware(lambda request: HttpResponse(PAGE, headers=FIELDS))
    return describe(middleware(RequestFactory().get("/", headers={"Accept-Encoding": encoding})).headers)


def by_flask(encoding):
    app = flask.Flask("flask")
    flask_compress.Compress(app)
    app.get("/")(lambda: (PAGE, FIELDS))
    return describe(app.test_client().get("/", headers={"Accept-Encoding": encoding}).headers)


settings.configure()
django.setup()
command = ["node", "--no-warnings", "ask.mjs"]
seen = {"aiohttp": asyncio.run(by_aiohttp())}
seen |= json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
for name, answer in (("Starlette", by_starlette), ("Django", by_django), ("flask-compress", by_flask)):
    seen[name] = [answer("gzip"), answer("identity")]
for name, ((encoding, *gzip), (plain, *identity)) in seen.items():
    print(f"{name}: {encoding}", *gzip, "|", plain, *identity)
varies = {name: (gzip[1], plain[1]) for name, (gzip, plain) in seen.items()}
unchanged = all(gzip[0] == "gzip" and plain[0] == "plain" for gzip, plain in seen.values()) and len(seen) == 10
unchanged &= varies.pop("aiohttp") == varies.pop("restify") == ("no vary", "no vary")
unchanged &= varies.pop("@fastify/compress") == ("accept-encoding", "no vary")
unchanged &= all(vary == ("accept-encoding", "accept-encoding") for vary in varies.values())
shared = {name for name, (gzip, plain) in seen.items() if gzip[2] == plain[2] == '"1"'}
unchanged &= shared == {"aiohttp", "restify", "@fastify/compress", "compression", "koa-compress", "Starlette"}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
