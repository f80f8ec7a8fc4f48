#!/usr/bin/env bash
# ratelimit-header-parser gives NaN for the field that express-rate-limit, of the same people, writes.
#
# Guess: What `standardHeaders: 'draft-8'` sends, `RateLimit: "1000-in-1hr"; r=999; t=3600`, is read as 999 left, and a
# time, as that of draft 6 and 7 is. Or the result is undefined, as it is for an answer without such fields.
# What happens: Any RateLimit field counts as one of draft 7, with `limit=`, `remaining=` and `reset=`. These aren't in
# it, so all four values are there and none is a number or a date. `remaining < 1` is false for NaN, so a client never
# waits; a wait until an invalid date is over at once.
# Versions: ratelimit-header-parser 0.1.0, express-rate-limit 8.7.5, express 5.3.0, on Node 20.
# Source: run of this script; ratelimit-header-parser/dist, `parseCombinedRateLimitHeader`; draft 8 of RateLimit header
# fields for HTTP, 4.
# In this program: Flattr's X-RateLimit fields are read, and a value that is no number is none (api/client.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund \
  ratelimit-header-parser@0.1.0 express-rate-limit@8.7.5 express@5.3.0 >/dev/null
cat >read.mjs <<'SCRIPT'
import express from 'express';
import {rateLimit} from 'express-rate-limit';
import {parseRateLimit} from 'ratelimit-header-parser';

const seen = {};
for (const standardHeaders of ['draft-6', 'draft-7', 'draft-8']) {
  const app = express();
  app.use(rateLimit({windowMs: 3600 * 1000, limit: 1000, standardHeaders, legacyHeaders: false, validate: false}));
  app.get('/', (request, response) => response.json({}));
  const server = app.listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  const response = await fetch(`http://127.0.0.1:${server.address().port}/`);
  const {limit, remaining, reset} = parseRateLimit(response);
  seen[standardHeaders] = [limit, remaining, Number.isNaN(reset.getTime())];
  console.log(`${standardHeaders}: ${response.headers.get('ratelimit') ?? response.headers.get('ratelimit-limit')}`);
  console.log(`  limit ${limit}, left ${remaining}, until ${seen[standardHeaders][2] ? reset : 'a date'}`);
  server.closeAllConnections();
  server.close();
}
const unchanged = String(seen['draft-6']) === '1000,999,false' && String(seen['draft-7']) === '1000,999,false'
  && String(seen['draft-8']) === 'NaN,NaN,true';
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node read.mjs
