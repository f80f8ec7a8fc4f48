#!/usr/bin/env bash
# Six of ten HTTP clients for Node, told a timeout of one second, wait three seconds for a slow response and take it.
#
# Guess: `timeout: 1000` is the time that a request may take: after a second there's an error, as `AbortSignal.timeout`
# gives with fetch.
# What happens: A server that sends a few bytes every 0.3 seconds is waited for until it ends, by axios, needle, phin,
# urllib and undici's bodyTimeout, which count anew with each byte, and by ofetch, and superagent with `response`, which
# stop counting at the header fields. A report that drips for ten minutes takes ten minutes. got, ky, xior, superagent
# with a number, and fetch with a signal stop after a second.
# Versions: axios 1.21.1, needle 3.5.0, phin 4.0.0, undici 7.30.2, ky 2.1.0, ofetch 1.5.1, urllib 4.9.1, superagent
# 10.4.2, got 16.1.0, xior 0.8.5 on Node 20.
# Source: run of this script; axios documents `timeout` as the time before the request times out, and `signal` for more.
# In this program: a call has a deadline for all of it, redirects and body included (api/client.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund axios@1.21.1 needle@3.5.0 phin@4.0.0 undici@7.30.2 ky@2.1.0 ofetch@1.5.1 \
  urllib@4.9.1 superagent@10.4.2 got@16.1.0 xior@0.8.5 >/dev/null
cat >wait.mjs <<'SCRIPT'
import http from 'node:http';
import axios from 'axios';
import got from 'got';
import ky from 'ky';
import needle from 'needle';
import {ofetch} from 'ofetch';
import phinModule from 'phin';
import superagent from 'superagent';
import * as undici from 'undici';
import {request as urllib} from 'urllib';
import xior from 'xior';

const server = http.createServer((request, response) => {
  let left = 10;
  response.setHeader('Content-Type', 'application/json');
  response.write(' ');
  const timer = setInterval(() => {
    left -= 1;
    if (left) response.write(' ');
    else response.end('{"flattrs": 3}');
  }, 300);
  response.on('close', () => clearInterval(timer));
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}/`;
const timeout = 1000;
const phin = phinModule.default ?? phinModule.phin ?? phinModule;
const clients = {
  axios: async () => (await axios.get(url, {timeout})).data,
  needle: async () => (await needle('get', url, null, {timeout})).body,
  phin: async () => (await phin({url, timeout, parse: 'json'})).body,
  'undici, bodyTimeout': async () => (await undici.request(url, {bodyTimeout: timeout})).body.json(),
  urllib: async () => (await urllib(url, {timeout, dataType: 'json'})).data,
  ky: () => ky(url, {timeout, retry: 0}).json(),
  ofetch: () => ofetch(url, {timeout, retry: 0}),
  'superagent, response': async () => (await superagent.get(url).timeout({response: timeout})).body,
  superagent: async () => (await superagent.get(url).timeout(timeout)).body,
  got: () => got(url, {timeout: {request: timeout}, retry: {limit: 0}}).json(),
  xior: async () => (await xior.get(url, {timeout})).data,
  'fetch, signal': async () => (await fetch(url, {signal: AbortSignal.timeout(timeout)})).json(),
};
const seen = await Promise.all(Object.entries(clients).map(async ([name, ask]) => {
  const begun = performance.now();
  const answered = await ask().then(({flattrs}) => flattrs === 3, () => false);
  const seconds = (performance.now() - begun) / 1000;
  console.log(`${name}: ${seconds.toFixed(1)} s, ${answered ? 'the response' : 'an error'}`);
  return [name, answered && seconds > 2.5, !answered && seconds < 2.5];
}));
const late = seen.filter(([, waited]) => waited).map(([name]) => name);
const inTime = seen.filter(([, , stopped]) => stopped).map(([name]) => name);
if (
  late.join() !== 'axios,needle,phin,undici, bodyTimeout,urllib,ofetch,superagent, response' ||
  inTime.join() !== 'ky,superagent,got,xior,fetch, signal'
) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node --no-warnings wait.mjs
