#!/usr/bin/env bash
# undici's cache fetches a page whole again, though it has an ETag, once the page is twice as old as its max-age.
#
# Guess: A page with an ETag and `max-age=60` is asked about with If-None-Match from the second minute on, however much
# later: a 304 then saves the body. That's what a program counts on that polls each five minutes.
# What happens: A page that has grown old is kept for another max-age, and deleted then. So of pages with `max-age=3`
# one is asked about after 4.5 seconds, and fetched whole after nine. With `max-age=0` or `no-cache` it's kept for a
# day, so the page that may be kept less is fetched less. A `stale-if-error=3600` beside max-age keeps it for an hour.
# got and make-fetch-happen ask about pages of any age.
# Versions: undici 7.30.2, got 14.6.6 and make-fetch-happen 15.0.6 on Node 20; undici 8.13.1 has the same lines.
# Source: run of this script; undici/lib/handler/cache-handler.js, `determineDeleteAt`; RFC 9111, 4.3.1.
# In this program: an ETag is kept as long as the page that it belongs to (store/response_store.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund undici@7.30.2 got@14.6.6 make-fetch-happen@15.0.6 >/dev/null
cat >read.mjs <<'SCRIPT'
import http from 'node:http';
import {Agent, cacheStores, interceptors, request} from 'undici';
import got from 'got';
import fetch from 'make-fetch-happen';

const sent = {};
const server = http.createServer((question, answer) => {
  const conditional = question.headers['if-none-match'] === '"1"';
  (sent[question.url] ??= []).push(conditional ? 304 : 200);
  answer.writeHead(conditional ? 304 : 200, {
    'ETag': '"1"',
    'Cache-Control': decodeURIComponent(question.url.split('/')[1]),
  });
  answer.end(conditional ? undefined : 'a page');
});
server.listen(0, '127.0.0.1');
await new Promise(done => server.once('listening', done));
const address = `http://127.0.0.1:${server.address().port}`;

const dispatcher = new Agent().compose(interceptors.cache({store: new cacheStores.MemoryCacheStore()}));
const cache = new Map();
const clients = {
  'undici': async url => (await request(url, {dispatcher})).body.text(),
  'got': async url => (await got(url, {cache, retry: {limit: 0}})).body,
  'make-fetch-happen': async url => (await fetch(url, {cachePath: './cache'})).text(),
};
const cases = [
  ['undici', 'max-age=3', 4.5, 304],
  ['undici', 'max-age=3', 9, 200],
  ['undici', 'max-age=0', 9, 304],
  ['undici', 'no-cache', 9, 304],
  ['undici', 'max-age=3, stale-if-error=60', 9, 304],
  ['got', 'max-age=3', 9, 304],
  ['make-fetch-happen', 'max-age=3', 9, 304],
];
const seen = await Promise.all(cases.map(async ([client, control, seconds, expected], number) => {
  const path = `/${encodeURIComponent(control)}/${number}`;
  await clients[client](address + path);
  await new Promise(done => setTimeout(done, seconds * 1000));
  await clients[client](address + path);
  console.log(`${client}, ${control}, again after ${seconds} s: ${sent[path].join(', then ')}`);
  return sent[path].join() === `200,${expected}`;
}));
if (!seen.every(Boolean)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node read.mjs
