#!/usr/bin/env bash
# Express answers `?callback=my-fn` with a call of `myfn`.
#
# Guess: `response.jsonp` refuses a name that is no function's, or sends JSON without a call. Otherwise the answer is
# `name(…);`, which readers of JSONP take off.
# What happens: All but letters, digits, `_`, `$`, `.`, `[` and `]` is taken out of the name, so `my-fn` becomes `myfn`
# and `foo bar` `foobar`: the client waits for ever, while its answer goes to another function if there is one. Of `()`
# nothing is left, and the script is no JavaScript. The answer begins with `/**/ typeof name === 'function' &&`, so it's
# no error if the function is missing, and who takes off `name(` and `);` to read the JSON finds neither.
# Versions: express 5.3.0 on Node 20.
# Source: run of this script; express/lib/response.js, `res.jsonp`. Its documentation shows the answer as `foo(…)`.
# In this program: such a response is read (model/response_body_parser.py), which it was not until this finding; the sandbox
# refuses a name that is none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund express@5.3.0 >/dev/null
cat >read.mjs <<'SCRIPT'
import express from 'express';

const app = express();
app.get('/', (request, response) => response.jsonp([]));
const server = app.listen(0, '127.0.0.1');
await new Promise(done => server.once('listening', done));
const seen = {};
for (const name of ['show', 'my-fn', 'foo bar', '()']) {
  const address = `http://127.0.0.1:${server.address().port}/?callback=${encodeURIComponent(name)}`;
  const response = await fetch(address);
  seen[name] = await response.text();
  console.log(`${name}: ${response.status} ${seen[name]}`);
}
server.closeAllConnections();
server.close();
const unchanged = seen.show === "/**/ typeof show === 'function' && show([]);"
  && seen['my-fn'].endsWith('myfn([]);') && seen['foo bar'].endsWith('foobar([]);')
  && seen['()'] === "/**/ typeof  === 'function' && ([]);";
if (!unchanged) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node read.mjs
