#!/usr/bin/env bash
# needle gives an error in `application/problem+json` as text, and one in `Application/JSON` as bytes.
#
# Guess: A client that parses JSON by itself goes by the type or its suffix `+json`, in any case: errors of RFC 9457,
# Activity Streams and JSON Feed come as objects, as the pages do.
# What happens: needle parses application/json, application/vnd.api+json and a few more that it lists. problem+json,
# activity+json, feed+json and ld+json are texts, as text/* is, and with a capital in it the type isn't known: a Buffer.
# So `body.detail` is undefined exactly if there's an error. axios, superagent, ofetch and phin parse all of these; of
# text/json superagent gives an empty object, and ofetch a text.
# Versions: needle 3.5.0, axios 1.21.1, superagent 10.4.2, ofetch 1.5.1, phin 4.0.0 on Node 20.
# Source: run of this script; needle/lib/parsers.js, a list of types; RFC 6839, 3.1: `+json` is for what can be
# processed as JSON; RFC 9110, 8.3.1: types are case-insensitive.
# In this program: the body decides whether it's JSON, then the type (model/response_body_parser.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund needle@3.5.0 axios@1.21.1 superagent@10.4.2 ofetch@1.5.1 phin@4.0.0 >/dev/null
cat >ask.mjs <<'SCRIPT'
import http from 'node:http';
import axios from 'axios';
import needle from 'needle';
import {ofetch} from 'ofetch';
import phin from 'phin';
import superagent from 'superagent';

const types = [
  'application/json', 'application/vnd.api+json', 'application/problem+json', 'application/activity+json',
  'application/feed+json', 'Application/JSON', 'text/json',
];
const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', types[Number(request.url.slice(1))]);
  response.end('{"detail": "No such thing"}');
}).listen(0, '127.0.0.1');
await new Promise(done => server.once('listening', done));
const clients = {
  'needle': async address => (await needle('get', address)).body,
  'axios': async address => (await axios(address)).data,
  'superagent': async address => (await superagent(address)).body,
  'ofetch': address => ofetch(address),
  'phin': async url => (await phin({url, parse: 'json'})).body,
};
const seen = {};
for (const [name, ask] of Object.entries(clients)) {
  seen[name] = {};
  for (const [number, type] of types.entries()) {
    const body = await ask(`http://127.0.0.1:${server.address().port}/${number}`);
    if (body.detail === undefined) seen[name][type] = Buffer.isBuffer(body) ? 'bytes' : typeof body;
  }
  console.log(`${name}: no member of`, seen[name]);
}
const suffixes = types.slice(2, 5).map(type => [type, 'string']);
const expected = {
  'needle': Object.fromEntries([...suffixes, ['Application/JSON', 'bytes'], ['text/json', 'string']]),
  'axios': {},
  'superagent': {'text/json': 'object'},
  'ofetch': {'text/json': 'string'},
  'phin': {},
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node ask.mjs
