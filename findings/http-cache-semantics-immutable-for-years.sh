#!/usr/bin/env bash
# http-cache-semantics, the cache rules of got and npm, keeps an `immutable` page for 1,000 days instead of one.
#
# Guess: A response with `Cache-Control: immutable` and no lifetime is fresh for 24 hours: the README calls
# `immutableMinTimeToLive` a number of milliseconds, 24 * 3600 * 1000 if it isn't given.
# What happens: The number is used where seconds are counted, so it lasts a thousand times as long: 1,000 days. Who sets
# an hour in milliseconds gets 41 days. A `max-age` beside it counts as it should.
# Versions: http-cache-semantics 4.3.0 on Node 20.
# Source: run of this script; http-cache-semantics/index.js, `maxAge`, and README.md, line 83; RFC 8246 gives
# `immutable` no lifetime.
# In this program: no HTTP cache is used; a saved page is asked for again with its ETag (api/client.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund http-cache-semantics@4.3.0 >/dev/null
cat >policy.js <<'SCRIPT'
const CachePolicy = require('http-cache-semantics');

function days(control, options) {
  const request = {url: '/', method: 'GET', headers: {}};
  const policy = new CachePolicy(request, {status: 200, headers: {'cache-control': control}}, options);
  return Math.round(policy.timeToLive() / 1000 / 86400 * 10) / 10;
}

const seen = [days('max-age=86400'), days('max-age=86400, immutable'), days('immutable'),
  days('immutable', {immutableMinTimeToLive: 3600 * 1000})];
console.log('max-age=86400:', seen[0], 'days');
console.log('max-age=86400, immutable:', seen[1], 'days');
console.log('immutable:', seen[2], 'days');
console.log('immutable, at least an hour in milliseconds:', seen[3], 'days');
if (JSON.stringify(seen) !== '[1,1,1000,41.7]') {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node policy.js
