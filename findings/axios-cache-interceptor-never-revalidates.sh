#!/usr/bin/env bash
# axios-cache-interceptor never asks whether a page has changed if the server wants it to ask each time.
#
# Guess: an answer with `Cache-Control: no-cache` and an ETag is stored, and each later request has `If-None-Match`, so
# that an unchanged page costs a 304: the ETag is one of the features that its description names.
# What happens: `no-cache` is taken for `no-store`. Nothing is stored, no request has `If-None-Match`, and the whole page
# comes each time. `max-age=0`, which demands the same, is stored and asked about.
# Versions: axios-cache-interceptor 1.12.3 with axios 1.21.1 on Node 20.
# Source: run of this script; axios-cache-interceptor/dist/index.cjs: `noCache || cc.noStore … return "dont cache"`; RFC
# 9111, 5.2.2.4: `no-cache` means that a stored answer is not used without validation.
# In this program: an ETag is sent whatever the rest says (api/client.py); the sandbox sends `private, no-cache`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts axios-cache-interceptor@1.12.3 axios@1.21.1 >/dev/null
cat >ask.mjs <<'SCRIPT'
import http from 'node:http';
import axios from 'axios';
import {setupCache} from 'axios-cache-interceptor';

const seen = {};
const server = http.createServer((request, response) => {
  const control = decodeURIComponent(request.url.slice(1));
  (seen[control] ??= []).push(request.headers['if-none-match'] ?? 'no ETag');
  const known = request.headers['if-none-match'] === '"1"';
  response.writeHead(known ? 304 : 200, {ETag: '"1"', 'Cache-Control': control, 'Content-Type': 'application/json'});
  response.end(known ? undefined : '{"id": 1}');
}).listen(0, '127.0.0.1', async () => {
  const client = setupCache(axios.create());
  for (const control of ['no-cache', 'max-age=0'])
    for (let number = 0; number < 2; number++) {
      const answer = await client.get(`http://127.0.0.1:${server.address().port}/${encodeURIComponent(control)}`);
      if (answer.data.id !== 1) process.exit(1);
    }
  server.close();
  for (const control in seen) console.log(`${control}: ${seen[control].join(', then ')}`);
  const unchanged = JSON.stringify(seen) === '{"no-cache":["no ETag","no ETag"],"max-age=0":["no ETag","\\"1\\""]}';
  console.log(unchanged ? 'As described.' : 'This has changed.');
  process.exit(unchanged ? 0 : 1);
});
SCRIPT
node ask.mjs
