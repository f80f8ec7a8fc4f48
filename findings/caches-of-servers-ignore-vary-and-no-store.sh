#!/usr/bin/env bash
# Five caches for Express and Koa give JSON to who asks for XML, keep what is `no-store`, and two of them keep a 503.
#
# Guess: A cache in front of a handler keeps what succeeded, and asks again after an error. It heeds `Vary: Accept`,
# which Express sets in response.format, and doesn't keep what the handler marks `no-store`.
# What happens: With apicache, route-cache, cache-express, http-cache-middleware and koa-cash, who asks for XML gets the
# JSON that somebody else had, with a `Vary` that promises otherwise, and what is marked `no-store` is kept. apicache
# and http-cache-middleware also keep errors: a failure of one second is served for the five minutes that a page is
# kept. apicache has the options `statusCodes` and `appendKey`. Django's cache_page asks again after an error, and heeds
# both fields.
# Versions: apicache 1.6.3, route-cache 0.7.1, cache-express 1.2.0, http-cache-middleware 1.4.1 on express 4.22.3,
# koa-cash 5.0.2 on koa 3.3.0, Node 20; django 5.2.19.
# Source: run of this script; RFC 9111, 4.1 (Vary) and 5.2.2.5 (no-store).
# In this program: a request that failed stores nothing (library/fetch/fetcher.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check django==5.2.19
npm install --silent --no-audit --no-fund express@4.22.3 koa@3.3.0 apicache@1.6.3 route-cache@0.7.1 \
  cache-express@1.2.0 http-cache-middleware@1.4.1 koa-cash@5.0.2 >/dev/null
cat >ask.mjs <<'SCRIPT'
import apicache from 'apicache';
import cacheExpress from 'cache-express';
import express from 'express';
import httpCacheMiddleware from 'http-cache-middleware';
import Koa from 'koa';
import koaCash from 'koa-cash';
import routeCache from 'route-cache';

const listen = app => new Promise(done => {
  const server = app.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${server.address().port}`));
});
let asked = 0;
const byExpress = cache => {
  const app = express();
  app.get('/:what', cache, ({params: {what}}, response) => {
    asked += 1;
    if (what === 'failure' && asked === 1) return response.status(503).send('later');
    if (what === 'private') response.set('Cache-Control', 'no-store');
    return response.format({json: () => response.json(asked), xml: () => response.type('xml').send(`<n>${asked}</n>`)});
  });
  return listen(app);
};
const servers = {
  apicache: () => byExpress(apicache.middleware('5 minutes')),
  'route-cache': () => byExpress(routeCache.cacheSeconds(300)),
  'cache-express': () => byExpress((cacheExpress.default ?? cacheExpress)({timeOut: 300000})),
  'http-cache-middleware': () => {
    const cache = httpCacheMiddleware();
    return byExpress((request, response, next) => {
      response.setHeader('x-cache-timeout', '5 minutes');
      return cache(request, response, next);
    });
  },
  'koa-cash': () => {
    const [app, kept] = [new Koa(), new Map()];
    app.use(koaCash({get: key => kept.get(key), set: (key, value) => kept.set(key, value)}));
    app.use(async context => {
      if (await context.cashed()) return;
      asked += 1;
      context.vary('Accept');
      if (context.path === '/failure' && asked === 1) {
        context.status = 503;
        context.body = 'later';
        return;
      }
      if (context.path === '/private') context.set('Cache-Control', 'no-store');
      context.type = context.accepts('json', 'xml');
      context.body = context.type.endsWith('xml') ? `<n>${asked}</n>` : {n: asked};
    });
    return listen(app);
  },
};
const seen = {};
for (const [name, start] of Object.entries(servers)) {
  const address = await start();
  const ask = (path, Accept = 'application/json') => fetch(`${address}/${path}`, {headers: {Accept}});
  asked = 0;
  await (await ask('failure')).text();
  const again = (await ask('failure')).status;
  await (await ask('page')).text();
  const type = (await ask('page', 'application/xml')).headers.get('Content-Type').split(';')[0];
  await (await ask('private')).text();
  const before = asked;
  await (await ask('private')).text();
  seen[name] = [again, type, asked > before];
}
console.log(JSON.stringify(seen));
process.exit();
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys
import django
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import cache_page

MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
settings.configure(ALLOWED_HOSTS=["*"], CACHES=MEMORY, USE_I18N=False)
django.setup()
asked = 0


@cache_page(300)
def view(request):
    global asked
    asked += 1
    if request.path == "/failure" and asked == 1:
        return HttpResponse("later", status=503)
    response = HttpResponse(str(asked), content_type=request.headers["Accept"])
    patch_vary_headers(response, ["Accept"])
    if request.path == "/private":
        response["Cache-Control"] = "no-store, private"
    return response


def ask(path, accept="application/json"):
    return view(RequestFactory().get(path, headers={"Accept": accept}))


node = subprocess.run(["node", "--no-warnings", "ask.mjs"], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
ask("/failure")
again = ask("/failure").status_code
ask("/page")
type_ = ask("/page", "application/xml")["Content-Type"]
ask("/private")
before = asked
ask("/private")
seen["Django"] = [again, type_, asked > before]
for name, (status, type_, asked_again) in seen.items():
    print(f"{name}: after a 503: {status}; for who accepts XML: {type_}; a page with no-store again: {asked_again}")
unchanged = seen.pop("Django") == [200, "application/xml", True]
keeping = {name for name, results in seen.items() if results == [503, "application/json", False]}
unchanged &= len(seen) == 5 and keeping == {"apicache", "http-cache-middleware"}
unchanged &= all(results == [200, "application/json", False] for name, results in seen.items() if name not in keeping)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
