#!/usr/bin/env bash
# Told to try again, four HTTP clients for Node send a POST three times, and axios-retry does if the connection is cut.
#
# Guess: A client that repeats requests by itself does so for methods that may be repeated, GET, PUT and DELETE: a POST
# that gives money or sends a message may have been done before the error came.
# What happens: superagent's retry, ofetch's `retry: 2`, wretch's retry middleware and urllib's `retry` send a POST again
# after a 503. axios-retry, whose default is called isNetworkOrIdempotentRequestError, doesn't, but if the server read
# the request and the connection ended without an answer, it sends a POST twice more: for such errors it asks for no
# method. So do the four others. make-fetch-happen leaves POST alone, and repeats PATCH. ofetch doesn't repeat a POST
# unless `retry` is set. got, ky and undici's RetryAgent repeat neither.
# Versions: superagent 10.4.2, ofetch 1.5.1, wretch 3.0.9, urllib 4.9.1, axios 1.21.1 with axios-retry 4.5.0,
# make-fetch-happen 16.0.1, got 16.1.0, ky 2.1.0, undici 7.30.2 on Node 20.
# Source: run of this script; RFC 9110, 9.2.2: a client should not automatically retry a method that isn't idempotent.
# In this program: a change is sent once, and then what it may have changed is read (account/write_service.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund superagent@10.4.2 ofetch@1.5.1 wretch@3.0.9 urllib@4.9.1 axios@1.21.1 \
  axios-retry@4.5.0 make-fetch-happen@16.0.1 got@16.1.0 ky@2.1.0 undici@7.30.2 >/dev/null
cat >count.mjs <<'SCRIPT'
import http from 'node:http';
import axiosModule from 'axios';
import axiosRetry from 'axios-retry';
import got from 'got';
import ky from 'ky';
import makeFetchHappen from 'make-fetch-happen';
import {ofetch} from 'ofetch';
import superagent from 'superagent';
import * as undici from 'undici';
import {request as urllib} from 'urllib';
import wretch from 'wretch';
import {retry} from 'wretch/middlewares';

let count;
const server = http.createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    count += 1;
    if (request.url === '/cut') request.socket.destroy();
    else response.writeHead(503, {'Content-Type': 'application/json'}).end('{}');
  });
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const json = {flattr: 1};
const axios = axiosModule.create();
(axiosRetry.default ?? axiosRetry)(axios, {retries: 2, retryDelay: () => 10});
const dispatcher = new undici.RetryAgent(new undici.Agent(), {maxRetries: 2, minTimeout: 10, maxTimeout: 20});
const again = retry({maxAttempts: 2, delayTimer: 10, retryOnNetworkError: true});
const slow = {retries: 2, minTimeout: 10, maxTimeout: 20};
const clients = {
  superagent: (method, url) => superagent(method, url).send(json).retry(2),
  ofetch: (method, url) => ofetch(url, {method, body: json, retry: 2, retryDelay: 10}),
  wretch: (method, url) => wretch(url).middlewares([again]).json(json).fetch(method).res(),
  urllib: (method, url) => urllib(url, {method, data: json, contentType: 'json', retry: 2, retryDelay: 10}),
  'axios-retry': (method, url) => axios({method, url, data: json}),
  'make-fetch-happen': (method, url) => makeFetchHappen(url, {method, body: JSON.stringify(json), retry: slow}),
  got: (method, url) => got(url, {method, json, retry: {calculateDelay: ({computedValue}) => computedValue && 10}}),
  ky: (method, url) => ky(url, {method, json, retry: {limit: 2, delay: () => 10}}),
  'RetryAgent of undici': async (method, url) => {
    const {body} = await undici.request(url, {method, body: JSON.stringify(json), dispatcher});
    await body.dump();
  },
};
const asked = [['POST', '503'], ['POST', 'cut'], ['PATCH', '503'], ['PUT', '503']];
const repeated = {};
for (const [name, send] of Object.entries(clients)) {
  const counts = [];
  for (const [method, path] of asked) {
    count = 0;
    await send(method, `http://127.0.0.1:${server.address().port}/${path}`).catch(() => {});
    counts.push(count);
  }
  console.log(`${name}: ${asked.map(([method, path], at) => `${method}, ${path}: ${counts[at]}`).join('; ')}`);
  repeated[name] = counts.map(number => (number > 1 ? 'again' : 'once')).join(' ');
}
const expected = {
  superagent: 'again again again again',
  ofetch: 'again again again again',
  wretch: 'again again again again',
  urllib: 'again again again again',
  'axios-retry': 'once again once again',
  'make-fetch-happen': 'once once again again',
  got: 'once once once again',
  ky: 'once once once again',
  'RetryAgent of undici': 'once once once again',
};
if (JSON.stringify(repeated) !== JSON.stringify(expected)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node --no-warnings count.mjs
