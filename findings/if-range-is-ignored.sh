#!/usr/bin/env bash
# Six of eleven servers of files send the rest of the new file to who has the beginning of the old one.
#
# Guess: A client that goes on with a download says by `If-Range` which version it has the beginning of. If the file has
# changed since, the server sends it whole, with 200.
# What happens: sirv, serve-handler, hono's serveStatic, aiohttp, Bottle and Falcon send 206 and the part, so the client
# ends with a file that has the head of one version and the tail of another, and the right length if the new one isn't
# shorter. aiohttp reads the field, but only as a date; the ETag that it has sent itself is ignored. serve-handler,
# aiohttp and Falcon send strong ETags, which invite this. send, behind Express, and @fastify/static do as guessed with
# a changed file; so do Starlette, Werkzeug and Litestar.
# Versions: sirv 3.0.2, serve-handler 6.1.8, hono 4.13.19 with @hono/node-server 2.1.9, send 1.2.1, @fastify/static
# 10.1.11 with fastify 5.12.8, on Node 20; aiohttp 3.14.5, bottle 0.13.4, falcon 4.4.0, starlette 1.10.0, flask 3.1.3
# with werkzeug 3.1.9, litestar 2.25.0.
# Source: run of this script; RFC 9110, 13.1.5: a recipient of an If-Range field MUST ignore the Range header field if
# the condition evaluates as false. A server may ignore Range as a whole, as Litestar does.
# In this program: each page is fetched whole; nothing asks for a part.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check aiohttp==3.14.5 bottle==0.13.4 falcon==4.4.0 \
  starlette==1.10.0 flask==3.1.3 werkzeug==3.1.9 litestar==2.25.0 httpx==0.28.1
npm install --silent --no-audit --no-fund sirv@3.0.2 serve-handler@6.1.8 hono@4.13.19 @hono/node-server@2.1.9 \
  send@1.2.1 @fastify/static@10.1.11 fastify@5.12.8 >/dev/null
mkdir files
printf 'new file' >files/a.bin
cat >serve.mjs <<'SCRIPT'
import http from 'node:http';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import {Hono} from 'hono';
import {getRequestListener} from '@hono/node-server';
import {serveStatic} from '@hono/node-server/serve-static';
import send from 'send';
import serveHandler from 'serve-handler';
import sirv from 'sirv';

const bySirv = sirv('files', {dev: true, etag: true});
const byHono = new Hono();
byHono.use('/*', serveStatic({root: './files'}));
const byFastify = Fastify();
await byFastify.register(fastifyStatic, {root: `${process.cwd()}/files`});
await byFastify.ready();
const listeners = {
  'sirv': bySirv,
  'serve-handler': (request, response) => serveHandler(request, response, {public: 'files', etag: true}),
  'hono': getRequestListener(byHono.fetch),
  'send': (request, response) => send(request, request.url, {root: 'files'}).pipe(response),
  '@fastify/static': (request, response) => byFastify.routing(request, response),
};
const seen = {};
for (const [name, listener] of Object.entries(listeners)) {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  const headers = {Range: 'bytes=4-', 'If-Range': '"of the old file"'};
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/a.bin`, {headers});
  seen[name] = [answer.status, await answer.text()];
  server.closeAllConnections();
  server.close();
}
console.log(JSON.stringify(seen));
SCRIPT
venv/bin/python - <<'PYTHON'
import asyncio, json, logging, os, subprocess, sys
import bottle, falcon, flask, httpx
from aiohttp import ClientSession, web
from litestar import Litestar
from litestar.static_files import create_static_files_router
from starlette.staticfiles import StaticFiles

FOLDER = os.path.abspath("files")
HEADERS = {"Range": "bytes=4-", "If-Range": '"of the old file"'}
logging.disable()
by_bottle = bottle.Bottle()
by_bottle.get("/<name>")(lambda name: bottle.static_file(name, root=FOLDER))
by_falcon = falcon.App()
by_falcon.add_static_route("/", FOLDER)
by_flask = flask.Flask("files", static_folder=FOLDER, static_url_path="")
by_litestar = Litestar(route_handlers=[create_static_files_router("/", [FOLDER])])


async def aiohttp():
    app = web.Application()
    app.router.add_static("/", FOLDER)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession() as session:
        address = "http://127.0.0.1:{1}/a.bin".format(*runner.addresses[0])
        async with session.get(address, headers=HEADERS) as answer:
            seen = [answer.status, await answer.text()]
    await runner.cleanup()
    return seen


async def asgi(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        answer = await client.get("http://h/a.bin", headers=HEADERS)
    return [answer.status_code, answer.text]


def wsgi(app):
    with httpx.Client(transport=httpx.WSGITransport(app)) as client:
        answer = client.get("http://h/a.bin", headers=HEADERS)
    return [answer.status_code, answer.text]


seen = json.loads(subprocess.run(["node", "serve.mjs"], capture_output=True, text=True, check=True).stdout)
seen |= {
    "aiohttp": asyncio.run(aiohttp()),
    "Bottle": wsgi(by_bottle),
    "Falcon": wsgi(by_falcon),
    "Starlette": asyncio.run(asgi(StaticFiles(directory=FOLDER))),
    "Werkzeug": wsgi(by_flask),
    "Litestar": asyncio.run(asgi(by_litestar)),
}
for name, (status, text) in seen.items():
    print(f"{name}: {status}, {text!r}")
ignored = {name for name, answer in seen.items() if answer == [206, "file"]}
unchanged = ignored == {"sirv", "serve-handler", "hono", "aiohttp", "Bottle", "Falcon"}
unchanged &= all(answer == [200, "new file"] for name, answer in seen.items() if name not in ignored)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
