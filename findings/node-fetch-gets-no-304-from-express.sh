#!/usr/bin/env bash
# A program that asks Express by Node's fetch whether a page has changed gets the whole page each time.
#
# Guess: `fetch(address, {headers: {'If-None-Match': etag}})` sends that field, and Express, which makes an ETag for
# each answer, replies 304, as it does to curl and browsers.
# What happens: For a request with a field of that kind fetch switches its cache mode to `no-store`, and adds
# `Cache-Control: no-cache` and `Pragma: no-cache`. Express takes that for the reload of a browser and does not compare
# the ETag. Both follow their rules, and neither gives an error, so polling costs full pages. `cache: 'no-cache'` or a
# `Cache-Control: max-age=0` of one's own brings the 304.
# Versions: express 5.3.0 with fresh 2.0.0, Node 20 (undici).
# Source: run of this script; Fetch standard, HTTP-network-or-cache fetch; fresh/index.js: `Always return stale when
# Cache-Control: no-cache`.
# In this program: httpx adds no such field to a question with an ETag (api/client.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund express@5.3.0 >/dev/null
cat >read.mjs <<'SCRIPT'
import express from 'express';

const app = express();
let control;
app.get('/', (request, response) => {
  control = request.headers['cache-control'];
  response.send('a page');
});
const server = app.listen(0, '127.0.0.1');
await new Promise(done => server.once('listening', done));
const address = `http://127.0.0.1:${server.address().port}/`;
const first = await fetch(address);
const etag = first.headers.get('etag');
const questions = {
  'plain': {headers: {'If-None-Match': etag}},
  "cache: 'no-cache'": {headers: {'If-None-Match': etag}, cache: 'no-cache'},
  'max-age=0': {headers: {'If-None-Match': etag, 'Cache-Control': 'max-age=0'}},
};
const seen = [];
for (const [name, question] of Object.entries(questions)) {
  const {status} = await fetch(address, question);
  seen.push(`${status} ${control}`);
  console.log(`${name}: ${status}, sent Cache-Control: ${control}`);
}
server.closeAllConnections();
server.close();
const unchanged = etag && seen.join(', ') === '200 no-cache, 304 max-age=0, 304 max-age=0';
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node read.mjs
