#!/usr/bin/env bash
# X-RateLimit-Reset is the time in whole seconds from two of five libraries for servers, in fractions from two, and from
# one the seconds left.
#
# Guess: X-RateLimit-Reset is a Unix time in whole seconds, as GitHub and Flattr send it, and Retry-After is sent with a
# refusal only.
# What happens: express-rate-limit and Flask-Limiter send `1796063001`. koa-ratelimit and slowapi send fractions, such
# as `1796063000.915446`, of which Python's `int()` raises an error. @fastify/rate-limit sends `60`: taken for a time,
# that's a minute after midnight in 1970, so there is no wait. Flask-Limiter and slowapi also send `Retry-After: 60`
# with each 200, from the first on: a client that waits for it whenever it comes sends one request a minute.
# Versions: express-rate-limit 8.7.5 with express 5.3.0, koa-ratelimit 6.0.0 with koa 3.3.0, @fastify/rate-limit 11.2.0
# with fastify 5.12.8, on Node 20; Flask-Limiter 4.1.1 with Flask 3.1.3, slowapi 0.1.10 with FastAPI 0.165.0.
# Source: run of this script; no RFC has the field; RFC 9110, 10.2.3, has Retry-After for 503 and redirects, and
# RFC 6585, 4, for 429.
# In this program: a reset that is no whole number is none, a past one is replaced by Retry-After, and that is read from
# errors only (api/client.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check Flask-Limiter==4.1.1 Flask==3.1.3 slowapi==0.1.10 \
  fastapi==0.165.0 httpx==0.28.1
npm install --silent --no-audit --no-fund express-rate-limit@8.7.5 express@5.3.0 koa-ratelimit@6.0.0 koa@3.3.0 \
  @fastify/rate-limit@11.2.0 fastify@5.12.8 >/dev/null
cat >serve.mjs <<'SCRIPT'
import http from 'node:http';
import fastifyLimit from '@fastify/rate-limit';
import express from 'express';
import {rateLimit} from 'express-rate-limit';
import Fastify from 'fastify';
import Koa from 'koa';
import koaLimit from 'koa-ratelimit';

const byExpress = express();
byExpress.use(rateLimit({windowMs: 60000, limit: 2}));
byExpress.use((request, response) => response.send('a page'));

const byKoa = new Koa();
byKoa.use(koaLimit({driver: 'memory', db: new Map(), duration: 60000, max: 2, id: () => 'all'}));
byKoa.use(context => {
  context.body = 'a page';
});

const byFastify = Fastify();
await byFastify.register(fastifyLimit, {max: 2, timeWindow: 60000});
byFastify.get('/', () => 'a page');
await byFastify.ready();

const servers = {
  'express-rate-limit': http.createServer(byExpress),
  'koa-ratelimit': http.createServer(byKoa.callback()),
  '@fastify/rate-limit': http.createServer((request, response) => byFastify.routing(request, response)),
};
const answers = {};
for (const [name, server] of Object.entries(servers)) {
  server.listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  answers[name] = [];
  for (let number = 0; number < 3; number++) {
    const {status, headers} = await fetch(`http://127.0.0.1:${server.address().port}/`);
    answers[name].push([status, headers.get('X-RateLimit-Reset'), headers.get('Retry-After')]);
  }
  server.closeAllConnections();
  server.close();
}
console.log(JSON.stringify(answers));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, re, subprocess, sys, time, warnings

warnings.simplefilter("ignore")
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from flask import Flask
from flask_limiter import Limiter as FlaskLimiter
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded

by_flask = Flask("pages")
FlaskLimiter(
    lambda: "all", app=by_flask, default_limits=["2/minute"], headers_enabled=True, storage_uri="memory://"
)
by_flask.get("/")(lambda: "a page")

by_slowapi = FastAPI()
by_slowapi.state.limiter = Limiter(key_func=lambda: "all", headers_enabled=True)
by_slowapi.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)


@by_slowapi.get("/")
@by_slowapi.state.limiter.limit("2/minute")
def page(request: Request, response: Response):
    return "a page"


def kind(reset):
    left = float(reset) - time.time()
    time_or_not = "a time" if 0 < left < 70 else "seconds left" if 0 < float(reset) <= 60 else "unknown"
    return f"{time_or_not}, {'whole' if re.fullmatch(r'[0-9]+', reset) else 'a fraction'}"


done = subprocess.run(["node", "serve.mjs"], capture_output=True, text=True, check=True)
answers = json.loads(done.stdout)
for name, client in (("Flask-Limiter", by_flask.test_client()), ("slowapi", TestClient(by_slowapi))):
    got = [client.get("/") for _ in range(3)]
    answers[name] = [
        [answer.status_code, answer.headers["X-RateLimit-Reset"], answer.headers.get("Retry-After")] for answer in got
    ]
seen = {}
for name, three in answers.items():
    kinds = {kind(reset) for _, reset, _ in three}
    seen[name] = [*kinds, [status for status, _, retry in three if retry]]
    print(f"{name}: {three[0][1]} ({'; '.join(kinds)}), Retry-After with {seen[name][-1]}")
unchanged = seen == {
    "express-rate-limit": ["a time, whole", [429]],
    "koa-ratelimit": ["a time, a fraction", [429]],
    "@fastify/rate-limit": ["seconds left, whole", [429]],
    "Flask-Limiter": ["a time, whole", [200, 200, 429]],
    "slowapi": ["a time, a fraction", [200, 200, 429]],
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
