#!/usr/bin/env bash
# Of `{tag: ['a', 'b'], since: new Date()}` eleven HTTP clients for Node make four kinds of list, and four of date.
#
# Guess: A client that takes an object for the query sends a list as `tag=a&tag=b`, and a date as JSON has it.
# What happens: axios sends `tag[]=a`, xior `tag[0]=a`, ky and redaxios `tag=a,b`, and got raises an error. So a server
# that wants `tag=a&tag=b` finds no tag, or one called `a,b`, and sends all there is. Of a date, undici's request and
# urllib send nothing behind `since=`, so the server sends all there is as well; ky, redaxios and wretch write it in
# words, with the zone of the computer; ofetch puts quotes around it. superagent, axios, xior and tiny-json-http send
# ISO 8601. For a member that is undefined, redaxios sends `undefined`, and wretch, undici and urllib an empty text.
# Versions: axios 1.21.1, got 16.1.0, ky 2.1.0, ofetch 1.5.1, redaxios 0.5.1, superagent 10.4.2, tiny-json-http 7.5.1,
# undici 7.30.2, urllib 4.9.1, wretch 3.0.9, xior 0.8.5 on Node 20.
# Source: run of this script; axios documents the brackets, and `paramsSerializer: {indexes: null}` against them.
# In this program: Flattr's lists are joined by commas, in the one place that writes a query (api/prepared_request.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund axios@1.21.1 got@16.1.0 ky@2.1.0 ofetch@1.5.1 redaxios@0.5.1 \
  superagent@10.4.2 tiny-json-http@7.5.1 undici@7.30.2 urllib@4.9.1 wretch@3.0.9 xior@0.8.5 >/dev/null
cat >ask.mjs <<'SCRIPT'
import http from 'node:http';
import axios from 'axios';
import got from 'got';
import ky from 'ky';
import {ofetch} from 'ofetch';
import redaxios from 'redaxios';
import superagent from 'superagent';
import tiny from 'tiny-json-http';
import * as undici from 'undici';
import {request as urllib} from 'urllib';
import wretch from 'wretch';
import queryString from 'wretch/addons/queryString';
import xior from 'xior';

let query;
const server = http.createServer((request, response) => {
  query = decodeURIComponent(request.url.slice(2)).replaceAll('+', ' ');
  response.setHeader('Content-Type', 'application/json').end('{}');
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
const url = `http://127.0.0.1:${server.address().port}/`;
const clients = {
  superagent: params => superagent.get(url).query(params),
  'tiny-json-http': params => tiny.get({url, data: params}),
  axios: params => axios.get(url, {params}),
  xior: params => xior.get(url, {params}),
  ky: params => ky.get(url, {searchParams: params}),
  redaxios: params => redaxios.get(url, {params}),
  got: params => got(url, {searchParams: params}),
  ofetch: params => ofetch(url, {query: params}),
  wretch: params => wretch(url).addon(queryString).query(params).get().res(),
  undici: params => undici.request(url, {query: params}),
  urllib: params => urllib(url, {method: 'GET', data: params}),
};
const since = new Date('2013-05-01T10:00:00Z');
const seen = {};
for (const [name, ask] of Object.entries(clients)) {
  seen[name] = [];
  for (const params of [{tag: ['a', 'b']}, {since}, {page: undefined}]) {
    query = '';
    try {
      await ask(params);
    } catch {
      query = 'error';
    }
    seen[name].push(query);
  }
  console.log(`${name}: ${seen[name].join(' | ')}`);
}
const [repeated, iso] = ['tag=a&tag=b', 'since=2013-05-01T10:00:00.000Z'];
const words = 'since=Wed May 01 2013 06:00:00 GMT-0400 (Eastern Daylight Time)';
const expected = {
  superagent: [repeated, iso, ''],
  'tiny-json-http': [repeated, iso, ''],
  axios: ['tag[]=a&tag[]=b', iso, ''],
  xior: ['tag[0]=a&tag[1]=b', iso, ''],
  ky: ['tag=a,b', words, ''],
  redaxios: ['tag=a,b', words, 'page=undefined'],
  got: ['error', 'error', ''],
  ofetch: [repeated, 'since="2013-05-01T10:00:00.000Z"', ''],
  wretch: [repeated, words, 'page='],
  undici: [repeated, 'since=', 'page='],
  urllib: [repeated, 'since=', 'page='],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
TZ=America/New_York node ask.mjs
