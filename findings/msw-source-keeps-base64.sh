#!/usr/bin/env bash
# MSW's handlers from a HAR answer JSON in base64, and as late as the server did.
#
# Guess: `fromTraffic(har)` gives handlers that answer at once with the recorded bodies; one with
# `"encoding": "base64"`, as browsers write many, is decoded.
# What happens: base64 is decoded if the type has `text` in it, so `application/json` (and a picture) is answered as the
# letters of base64, under its own type. Each answer waits for the entry's `time`: a test of a page that once took 900 ms
# takes so long again.
# Versions: @mswjs/source 0.5.0, msw 2.15.0 on Node 20.
# Source: run of this script; @mswjs/source/lib/traffic/utils/har-utils.js, line 18; lib/traffic/from-traffic.js, line 40.
# Its README says neither.
# In this program: a HAR's base64 is decoded whatever its type (library/import_export/http_archives.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @mswjs/source@0.5.0 msw@2.15.0 >/dev/null
cat >play.mjs <<'SCRIPT'
import {fromTraffic} from '@mswjs/source/traffic';
import {setupServer} from 'msw/node';

const entry = (name, mimeType, time) => {
  const text = Buffer.from('["thing"]').toString('base64');
  return {
    startedDateTime: '2013-05-06T07:08:09.000Z', time, cache: {}, timings: {send: 0, wait: time, receive: 0},
    request: {method: 'GET', url: `http://example.org/${name}`, httpVersion: 'HTTP/1.1', headers: [], cookies: [],
      queryString: [], headersSize: -1, bodySize: 0},
    response: {status: 200, statusText: 'OK', httpVersion: 'HTTP/1.1', headers: [], cookies: [], redirectURL: '',
      content: {size: 9, mimeType, text, encoding: 'base64'}, headersSize: -1, bodySize: 9},
  };
};
const entries = [entry('json', 'application/json', 0), entry('text', 'text/plain', 0), entry('slow', 'text/plain', 900)];
const server = setupServer(...fromTraffic({log: {version: '1.2', creator: {name: 'a', version: '1'}, entries}}));
server.listen({onUnhandledRequest: 'error'});
const seen = [];
for (const name of ['json', 'text', 'slow']) {
  const start = Date.now();
  const text = await (await fetch(`http://example.org/${name}`)).text();
  seen.push([text, Date.now() - start >= 880]);
  console.log(name, text, Date.now() - start, 'ms');
}
server.close();
if (JSON.stringify(seen) !== '[["WyJ0aGluZyJd",false],["[\\"thing\\"]",false],["[\\"thing\\"]",true]]') {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node play.mjs
