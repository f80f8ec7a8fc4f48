#!/usr/bin/env bash
# Redirected by 307 or 308, a POST becomes a GET without its body in needle, and the answer is a 200.
#
# Guess: 307 and 308 are there so that a client sends the same request to the new address: POST, PUT and DELETE stay
# what they are, with their bodies. 302 makes a GET of a POST, as in browsers, and of no other method.
# What happens: needle with `follow_max` follows each redirect by a GET, so a thing that was to be sent or deleted
# isn't, and the program sees success. Its option `follow_keep_method` keeps the method. superagent makes a GET of PUT
# and DELETE at 302. got and urllib, on the other hand, send a POST again at 302: a form is sent twice. axios, ky,
# ofetch and fetch do as guessed.
# Versions: needle 3.5.0, superagent 10.4.2, got 16.1.0, urllib 4.9.1, axios 1.21.1, ky 2.1.0, ofetch 1.5.1, Node 20's
# fetch.
# Source: run of this script; RFC 9110, 15.4.8 and 15.4.9: a user agent must not change the method; needle's README.
# In this program: a redirect of a request that changes something is an error (api/client.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund needle@3.5.0 superagent@10.4.2 got@16.1.0 urllib@4.9.1 axios@1.21.1 ky@2.1.0 \
  ofetch@1.5.1 >/dev/null
cat >follow.mjs <<'SCRIPT'
import http from 'node:http';
import axios from 'axios';
import got from 'got';
import ky from 'ky';
import needle from 'needle';
import {ofetch} from 'ofetch';
import superagent from 'superagent';
import {request as urllib} from 'urllib';

let received;
const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    const status = Number(request.url.slice(1));
    if (!status) received = request.method + (chunks.length ? ' with body' : '');
    response.writeHead(status || 200, status ? {Location: '/'} : {}).end();
  });
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const json = {title: 'One'};
const body = JSON.stringify(json);
const headers = {'Content-Type': 'application/json'};
const clients = {
  needle: (url, method) => needle(method, url, body, {headers, follow_max: 5}),
  superagent: (url, method) => superagent(method, url).set(headers).send(body),
  got: (url, method) => got(url, {method, json}),
  urllib: (url, method) => urllib(url, {method, data: json, contentType: 'json', followRedirect: true}),
  axios: (url, method) => axios({url, method, data: json}),
  ky: (url, method) => ky(url, {method, json}),
  ofetch: (url, method) => ofetch(url, {method, body: json}),
  fetch: (url, method) => fetch(url, {method, body, headers}),
};
const asked = [[302, 'POST'], [302, 'PUT'], [302, 'DELETE'], [307, 'POST'], [307, 'PUT'], [308, 'DELETE']];
const seen = {};
for (const [name, send] of Object.entries(clients)) {
  const methods = [];
  for (const [status, method] of asked) {
    received = 'nothing';
    await send(`http://127.0.0.1:${server.address().port}/${status}`, method);
    methods.push(received);
  }
  seen[name] = methods.join(', ');
  console.log(`${name}: ${asked.map(([status, method], at) => `${status} ${method}: ${methods[at]}`).join(', ')}`);
}
const same = 'POST with body, PUT with body, DELETE with body';
const browser = `GET, PUT with body, DELETE with body, ${same}`;
const expected = {
  needle: 'GET, GET, GET, GET, GET, GET',
  superagent: `GET, GET, GET, ${same}`,
  got: `${same}, ${same}`,
  urllib: `${same}, ${same}`,
  axios: browser,
  ky: browser,
  ofetch: browser,
  fetch: browser,
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node follow.mjs
