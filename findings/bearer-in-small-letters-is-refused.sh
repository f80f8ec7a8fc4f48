#!/usr/bin/env bash
# Six of thirteen libraries refuse a token behind `bearer`, which is how most servers name its type.
#
# Guess: `Authorization: bearer …` is as good as `Bearer …`: names of schemes have no case in HTTP. A client that takes
# the scheme from `"token_type": "bearer"` in the token's answer, which is what OAuth servers write, gets in.
# What happens: @fastify/bearer-auth, express-bearer-token, koa-bearer-token, @node-oauth/oauth2-server,
# Flask-JWT-Extended and Simple JWT of Django look for `Bearer` with this B: 401, or 400 for a malformed header. hono,
# passport-http-bearer, express-jwt, Flask-HTTPAuth, FastAPI, oauthlib and Authlib read any case.
# Versions: @fastify/bearer-auth 10.1.3 with fastify 5.12.8, express-bearer-token 3.0.0 and passport-http-bearer 1.0.1
# with passport 0.7.0, express-jwt 8.5.1 and express 5.3.0, koa-bearer-token 2.0.2 with koa 3.3.0, hono 4.13.19,
# @node-oauth/oauth2-server 5.3.0 on Node 20; flask-jwt-extended 4.7.4, flask-httpauth 4.8.1 with flask 3.1.3,
# djangorestframework-simplejwt 5.5.1 with django 5.2.19, fastapi 0.165.0, oauthlib 4.0.1, authlib 1.9.10.
# Source: run of this script; RFC 9110, 11.1: a case-insensitive token identifies the scheme; RFC 6749, 5.1: the value
# of token_type is case-insensitive.
# In this program: tokens are sent behind `Bearer`, whatever the answer called them (api/prepared_request.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check flask-jwt-extended==4.7.4 flask-httpauth==4.8.1 \
  flask==3.1.3 djangorestframework-simplejwt==5.5.1 django==5.2.19 fastapi==0.165.0 httpx==0.28.1 oauthlib==4.0.1 \
  authlib==1.9.10
npm install --silent --no-audit --no-fund @fastify/bearer-auth@10.1.3 fastify@5.12.8 express-bearer-token@3.0.0 \
  passport-http-bearer@1.0.1 passport@0.7.0 express-jwt@8.5.1 express@5.3.0 koa-bearer-token@2.0.2 koa@3.3.0 \
  hono@4.13.19 @node-oauth/oauth2-server@5.3.0 >/dev/null
cat >ask.mjs <<'SCRIPT'
import crypto from 'node:crypto';
import http from 'node:http';
import fastifyBearer from '@fastify/bearer-auth';
import OAuth2Server from '@node-oauth/oauth2-server';
import express from 'express';
import expressBearer from 'express-bearer-token';
import {expressjwt} from 'express-jwt';
import Fastify from 'fastify';
import {Hono} from 'hono';
import {bearerAuth} from 'hono/bearer-auth';
import Koa from 'koa';
import koaBearer from 'koa-bearer-token';
import passport from 'passport';
import {Strategy} from 'passport-http-bearer';

const words = ['Bearer', 'bearer', 'BEARER'];
const key = 'k'.repeat(32);
const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = `${part({alg: 'HS256', typ: 'JWT'})}.${part({sub: 'ada'})}`;
const jwt = `${signed}.${crypto.createHmac('sha256', key).update(signed).digest('base64url')}`;
const seen = {};
const ask = async (name, listener, token) => {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  const address = `http://127.0.0.1:${server.address().port}/`;
  seen[name] = [];
  for (const word of words) {
    seen[name].push((await fetch(address, {headers: {Authorization: `${word} ${token}`}})).status);
  }
  server.closeAllConnections();
  server.close();
};
const check = (request, response) => response.sendStatus(request.token === 'abc' ? 200 : 401);

const fastify = Fastify();
await fastify.register(fastifyBearer, {keys: new Set(['abc'])});
fastify.get('/', async () => 'ok');
await fastify.ready();
await ask('@fastify/bearer-auth', (request, response) => fastify.routing(request, response), 'abc');
await ask('express-bearer-token', express().use(expressBearer()).use(check), 'abc');
const koa = new Koa();
koa.use(koaBearer.bearerToken());
koa.use(context => {
  context.status = context.request.token === 'abc' ? 200 : 401;
});
await ask('koa-bearer-token', koa.callback(), 'abc');
const oauth = new OAuth2Server({model: {
  getAccessToken: async accessToken => ({
    accessToken,
    accessTokenExpiresAt: new Date('2099-01-01'),
    client: {},
    user: {},
  }),
}});
await ask('@node-oauth/oauth2-server', async ({method, headers}, response) => {
  const request = new OAuth2Server.Request({method, headers, query: {}});
  response.statusCode = await oauth.authenticate(request, new OAuth2Server.Response({headers: {}}))
    .then(() => 200, error => error.code);
  response.end();
}, 'abc');
const hono = new Hono().use(bearerAuth({token: 'abc'})).get('/', context => context.text('ok'));
seen.hono = [];
for (const word of words) {
  seen.hono.push((await hono.request('/', {headers: {Authorization: `${word} abc`}})).status);
}
passport.use(new Strategy((token, done) => done(null, token === 'abc' && {name: 'ada'})));
const byPassport = express().use(passport.authenticate('bearer', {session: false}));
await ask('passport-http-bearer', byPassport.use((request, response) => response.sendStatus(200)), 'abc');
const byJwt = express().use(expressjwt({secret: key, algorithms: ['HS256']}));
await ask('express-jwt', byJwt.use((request, response) => response.sendStatus(200)), jwt);
console.log(JSON.stringify(seen));
process.exit();
SCRIPT
venv/bin/python -W ignore - <<'PYTHON'
import json, subprocess, sys
from types import SimpleNamespace
import django
from authlib.oauth2 import OAuth2Error, ResourceProtector
from authlib.oauth2.rfc6750 import BearerTokenValidator
from django.conf import settings
from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer
from fastapi.testclient import TestClient
from flask import Flask
from flask_httpauth import HTTPTokenAuth
from flask_jwt_extended import JWTManager, create_access_token, jwt_required
from oauthlib.oauth2.rfc6749.tokens import get_token_from_header

settings.configure(SECRET_KEY="k" * 32, INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"])
django.setup()
from rest_framework_simplejwt.authentication import JWTAuthentication

WORDS = ("Bearer", "bearer", "BEARER")
by_flask = Flask("jwt")
by_flask.config["JWT_SECRET_KEY"] = "k" * 32
JWTManager(by_flask)
by_flask.get("/")(jwt_required()(lambda: "ok"))
with by_flask.app_context():
    jwt = create_access_token("ada")
httpauth = HTTPTokenAuth()
httpauth.verify_token(lambda token: token == "abc" or None)
by_httpauth = Flask("httpauth")
by_httpauth.get("/")(httpauth.login_required(lambda: "ok"))
by_fastapi = FastAPI()
by_fastapi.get("/")(lambda token=Depends(HTTPBearer()): "ok")
protector = ResourceProtector()


class Validator(BearerTokenValidator):
    def authenticate_token(self, text):
        return SimpleNamespace(is_expired=lambda: False, is_revoked=lambda: False, get_scope=lambda: "")


def by_authlib(header):
    try:
        protector.validate_request([], SimpleNamespace(headers=header))
    except OAuth2Error as error:
        return error.status_code
    return 200


def by_oauthlib(header):
    return 200 if get_token_from_header(SimpleNamespace(headers=header, access_token=None)) else 401


protector.register_token_validator(Validator())
READERS = {
    "Flask-JWT-Extended": lambda header: by_flask.test_client().get("/", headers=header).status_code,
    "Simple JWT": lambda header: 200 if JWTAuthentication().get_raw_token(header["Authorization"].encode()) else 401,
    "Flask-HTTPAuth": lambda header: by_httpauth.test_client().get("/", headers=header).status_code,
    "FastAPI": lambda header: TestClient(by_fastapi).get("/", headers=header).status_code,
    "oauthlib": by_oauthlib,
    "Authlib": by_authlib,
}
node = subprocess.run(["node", "ask.mjs"], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
for name, read in READERS.items():
    token = jwt if "JWT" in name else "abc"
    seen[name] = [read({"Authorization": f"{word} {token}"}) for word in WORDS]
for name, statuses in seen.items():
    print(f"{name}: {dict(zip(WORDS, statuses, strict=True))}")
REFUSE = ["@fastify/bearer-auth", "express-bearer-token", "koa-bearer-token", "@node-oauth/oauth2-server"]
REFUSE += ["Flask-JWT-Extended", "Simple JWT"]
unchanged = [name for name, statuses in seen.items() if statuses != [200] * 3] == REFUSE and len(seen) == 13
unchanged &= all(seen[name][0] == 200 and min(seen[name][1:]) >= 400 for name in REFUSE)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
