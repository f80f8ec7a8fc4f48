#!/usr/bin/env bash
# For `/tags/free%20music` four of nine routers for Node give the handler `free%20music`, and h3 gives `A` for `%41`.
#
# Guess: A parameter in a path is decoded once, as in Express and in every framework for Python: the handler looks up
# `free music`, and `100%25` is `100%`.
# What happens: polka, restana, 0http and h3 pass it on as it was sent, so a search for a tag with a blank or an umlaut
# finds nothing, and tests with plain words don't show it. h3 decodes what needs no escape, such as `%41`, and not the
# rest; `getRouterParam(event, name, {decode: true})` decodes all. Express, Koa's router, Fastify, Hono and find-my-way
# alone decode once.
# Versions: polka 0.5.2, restana 6.1.0, 0http 5.1.0, h3 2.0.8, express 5.3.0, koa 3.3.0 with @koa/router 15.7.0, fastify
# 5.12.8, hono 4.13.19 with @hono/node-server 2.1.8, find-my-way 9.10.1 on Node 20.
# Source: run of this script; h3's documentation of getRouterParam has the option.
# In this program: names in the sandbox's paths are decoded once, also %2F (sandbox/routes.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund polka@0.5.2 restana@6.1.0 0http@5.1.0 h3@2.0.8 express@5.3.0 koa@3.3.0 \
  @koa/router@15.7.0 fastify@5.12.8 hono@4.13.19 @hono/node-server@2.1.8 find-my-way@9.10.1 >/dev/null
cat >ask.mjs <<'SCRIPT'
import http from 'node:http';
import {serve} from '@hono/node-server';
import Router from '@koa/router';
import express from 'express';
import fastify from 'fastify';
import findMyWay from 'find-my-way';
import * as h3 from 'h3';
import {Hono} from 'hono';
import Koa from 'koa';
import polka from 'polka';
import restana from 'restana';
import zero from '0http';

const listen = server => new Promise(done => {
  const listening = server.listen(0, '127.0.0.1', () => done((listening?.address ? listening : server).address().port));
});
const byH3 = async options => {
  const app = new h3.H3();
  app.get('/tags/:tag', event => h3.getRouterParam(event, 'tag', options));
  const server = h3.serve(app, {port: 0, hostname: '127.0.0.1', silent: true});
  await server.ready();
  return new URL(server.url).port;
};
const servers = {
  polka: async () => {
    const {handler} = polka().get('/tags/:tag', (request, response) => response.end(request.params.tag));
    return listen(http.createServer(handler));
  },
  restana: async () => {
    const app = restana();
    app.get('/tags/:tag', (request, response) => response.send(request.params.tag));
    return (await app.start(0, '127.0.0.1')).address().port;
  },
  '0http': () => {
    const {router, server} = zero();
    router.get('/tags/:tag', (request, response) => response.end(request.params.tag));
    return listen(server);
  },
  h3: () => byH3(),
  'h3, decode': () => byH3({decode: true}),
  Express: () => {
    const app = express();
    app.get('/tags/:tag', (request, response) => response.end(request.params.tag));
    return listen(app);
  },
  '@koa/router': () => {
    const router = new Router();
    router.get('/tags/:tag', context => {
      context.body = context.params.tag;
    });
    return listen(new Koa().use(router.routes()));
  },
  Fastify: async () => {
    const app = fastify();
    app.get('/tags/:tag', (request, reply) => reply.send(request.params.tag));
    await app.listen({port: 0, host: '127.0.0.1'});
    return app.server.address().port;
  },
  Hono: () => {
    const app = new Hono();
    app.get('/tags/:tag', context => context.text(context.req.param('tag')));
    return new Promise(done => serve({fetch: app.fetch, port: 0}, ({port}) => done(port)));
  },
  'find-my-way': () => {
    const router = findMyWay();
    router.on('GET', '/tags/:tag', (request, response, {tag}) => response.end(tag));
    return listen(http.createServer((request, response) => router.lookup(request, response)));
  },
};
const sent = ['free%20music', '100%25', '%41', 'plain'];
const seen = {};
for (const [name, start] of Object.entries(servers)) {
  const port = await start();
  const ask = async tag => (await fetch(`http://127.0.0.1:${port}/tags/${tag}`)).text();
  seen[name] = (await Promise.all(sent.map(ask))).join(', ');
  console.log(`${name}: ${sent.map((tag, at) => `${tag}: ${seen[name].split(', ')[at]}`).join(', ')}`);
}
const decoded = 'free music, 100%, A, plain';
const expected = Object.fromEntries(Object.keys(servers).map(name => [name, decoded]));
for (const name of ['polka', 'restana', '0http']) expected[name] = sent.join(', ');
expected.h3 = 'free%20music, 100%25, A, plain';
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node --no-warnings ask.mjs
