#!/usr/bin/env bash
# Twenty tags in a query are a list in Express 5 with the extended parser, and twenty-one are an object.
#
# Guess: `?tag=0&tag=1&…` is a list, however many there are. Limits on what a client may send are errors, or cut.
# What happens: From 21 values on, qs gives `{0: '0', 1: '1', …}`, without an error: `tag.includes(…)`, `for … of` and
# `Array.isArray` fail for the user with the most tags, with `?tag[]=…` as well. Since qs 6.14.1, `arrayLimit: 20`,
# which was for indices in brackets, applies to repeated names too. Express 4, and express.urlencoded of both, set a
# higher limit and keep lists.
# Versions: qs 6.17.1, express 5.3.0 and 4.22.3 on Node 20.
# Source: run of this script; qs's README, arrayLimit; https://github.com/ljharb/qs/issues/540.
# In this program: the sandbox takes the tags of a search as one parameter, as Flattr did (model/tag_expression.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund qs@6.17.1 express@5.3.0 express4@npm:express@4.22.3 >/dev/null
cat >count.mjs <<'SCRIPT'
import express from 'express';
import express4 from 'express4';
import qs from 'qs';

const kind = value => (Array.isArray(value) ? 'list' : typeof value);
const repeat = (name, count) => Array.from({length: count}, (_, index) => `${name}=${index}`).join('&');

async function ask(make, count) {
  const app = make();
  app.set('query parser', 'extended');
  app.use(make.urlencoded({extended: true}));
  app.all('/', (request, response) => response.send(kind((request.body?.tag && request.body || request.query).tag)));
  const server = await new Promise(done => {
    const listening = app.listen(0, '127.0.0.1', () => done(listening));
  });
  const address = `http://127.0.0.1:${server.address().port}/`;
  const body = new URLSearchParams(repeat('tag', count));
  const answers = [await fetch(`${address}?${body}`), await fetch(address, {method: 'POST', body})];
  const kinds = await Promise.all(answers.map(answer => answer.text()));
  server.closeAllConnections();
  server.close();
  return kinds;
}

const seen = {};
for (const count of [20, 21]) {
  const [in5, body5] = await ask(express, count);
  const [in4, body4] = await ask(express4, count);
  seen[count] = [
    kind(qs.parse(repeat('tag', count)).tag), kind(qs.parse(repeat('tag[]', count)).tag), in5, body5, in4, body4,
  ].join(' ');
  console.log(`${count}: qs, qs with [], Express 5, its form, Express 4, its form: ${seen[count]}`);
}
if (seen[20] !== 'list list list list list list' || seen[21] !== 'object object object list list list') {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node count.mjs
