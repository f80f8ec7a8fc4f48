#!/usr/bin/env bash
# Four of eight HTTP clients for JavaScript that repeat a refused request do so before the server's Retry-After is over.
#
# Guess: A client that by itself repeats a GET after a 429 waits as long as Retry-After says, as urllib3's Retry does.
# What happens: got, ky, undici's RetryAgent and axios-retry wait. ofetch and superagent's `.retry()` ask again at once,
# wretch's retry after half a second, and make-fetch-happen after one: they repeat a 429 among other answers, but don't
# read the field. ofetch and superagent have used up their tries when the time comes, and each try counts against the
# limit. ofetch does this without being told to repeat anything.
# Versions: ofetch 1.5.1, superagent 10.4.2, wretch 2.11.1, make-fetch-happen 15.0.6, got 14.6.6, ky 1.14.3,
# undici 7.30.2, axios-retry 4.5.0 with axios 1.13.2, on Node 20.
# Source: run of this script; RFC 6585, 4 (429), and RFC 9110, 10.2.3 (Retry-After).
# In this program: after a refusal nothing that counts against the limit is sent until the time that the server told
# (library/fetch/queue_and_limits.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund ofetch@1.5.1 superagent@10.4.2 wretch@2.11.1 make-fetch-happen@15.0.6 \
  got@14.6.6 ky@1.14.3 undici@7.30.2 axios@1.13.2 axios-retry@4.5.0 >/dev/null
cat >repeat.mjs <<'SCRIPT'
import http from 'node:http';
import axios from 'axios';
import axiosRetry from 'axios-retry';
import got from 'got';
import ky from 'ky';
import fetch from 'make-fetch-happen';
import {ofetch} from 'ofetch';
import superagent from 'superagent';
import {Agent, RetryAgent, request} from 'undici';
import wretch from 'wretch';
import {retry} from 'wretch/middlewares';

const asked = {};
const server = http.createServer((question, answer) => {
  const times = asked[question.url.slice(1)] ??= [];
  times.push(performance.now());
  answer.writeHead(times.length > 1 ? 200 : 429, times.length > 1 ? {} : {'Retry-After': '2'});
  answer.end('a page');
});
server.listen(0, '127.0.0.1');
await new Promise(done => server.once('listening', done));

const instance = axios.create();
axiosRetry(instance);
const dispatcher = new RetryAgent(new Agent());
const clients = {
  'ofetch': url => ofetch(url),
  'superagent': url => superagent.get(url).retry(2),
  'wretch': url => wretch(url).middlewares([retry()]).get().text(),
  'make-fetch-happen': url => fetch(url, {retry: {retries: 2}}),
  'got': url => got(url),
  'ky': url => ky(url),
  'undici': url => request(url, {dispatcher}),
  'axios-retry': url => instance.get(url),
};
let unchanged = true;
for (const [name, read] of Object.entries(clients)) {
  await read(`http://127.0.0.1:${server.address().port}/${name}`);
  const [first, second] = asked[name];
  const seconds = (second - first) / 1000;
  console.log(`${name} asked again after ${seconds.toFixed(1)} s`);
  const early = ['ofetch', 'superagent', 'wretch', 'make-fetch-happen'].includes(name);
  unchanged &&= early ? seconds < 1.8 : seconds > 1.9;
}
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node repeat.mjs
