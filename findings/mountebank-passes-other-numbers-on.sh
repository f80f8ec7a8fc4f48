#!/usr/bin/env bash
# A proxy of mountebank passes the id 12345678901234567890 on as 12345678901234567000, at the first request already.
#
# Guess: A proxy that records (`proxyOnce`) hands through what the real server says, and replays it later: the bytes,
# the fields and their number.
# What happens: mountebank reads a JSON body into a value and writes that anew, with four blanks of indentation, to who
# asks and to the imposter it saves: numbers beyond 2^53 lose their last digits, `1.0` becomes `1`. Content-Length is
# counted anew, and the ETag is that of other bytes. A compressed body passes as it is, two Set-Cookie and two Link
# fields stay two, in order; so the same page differs between a client that accepts gzip and one that doesn't.
# Versions: @mbtest/mountebank 2.9.2 on Node 20.
# Source: run of this script; mountebank documents that a JSON body is saved as JSON; of the answer that is passed on it
# says nothing.
# In this program: `import` keeps the bodies that such a file holds; ids are below 2^53 (library/import_export/).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @mbtest/mountebank@2.9.2 >/dev/null
cat >ask.mjs <<'SCRIPT'
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';

const page = '{"id": 12345678901234567890, "price": 1.0}';
const server = http.createServer((request, response) => {
  const packed = request.headers['accept-encoding'] === 'gzip';
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'ETag': '"1"',
    'Set-Cookie': ['a=1', 'b=2'],
    ...(packed && {'Content-Encoding': 'gzip'}),
  });
  response.end(packed ? zlib.gzipSync(page) : page);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const freePort = async () => {
  const listener = net.createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const {port} = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
};
const [admin, port] = [await freePort(), await freePort()];
const words = ['start', '--port', String(admin), '--localOnly', '--nologfile', '--pidfile', 'mb.pid'];
const mountebank = spawn('node_modules/.bin/mb', words, {stdio: 'ignore'});
const ask = (path, encoding) => new Promise((done, fail) => {
  const headers = encoding ? {'Accept-Encoding': encoding} : {};
  http.get({host: '127.0.0.1', port, path, headers}, async response => {
    const pieces = [];
    for await (const piece of response) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const text = response.headers['content-encoding'] === 'gzip' ? zlib.gunzipSync(body) : body;
    done([text.toString(), response.headers.etag, response.headers['set-cookie'].length]);
  }).on('error', fail);
});
const imposter = {port, protocol: 'http', stubs: [{responses: [{proxy: {
  to: `http://127.0.0.1:${server.address().port}`,
  mode: 'proxyOnce',
  predicateGenerators: [{matches: {path: true}}],
}}]}]};
for (let attempt = 0; ; attempt++) {
  const request = {method: 'POST', body: JSON.stringify(imposter), headers: {'Content-Type': 'application/json'}};
  const response = await fetch(`http://127.0.0.1:${admin}/imposters`, request).catch(() => undefined);
  if (response?.status === 201) break;
  if (attempt === 100) throw new Error('mountebank did not start.');
  await new Promise(done => setTimeout(done, 100));
}
const seen = {
  'first': await ask('/plain'),
  'replayed': await ask('/plain'),
  'gzip, first': await ask('/gzip', 'gzip'),
  'gzip, replayed': await ask('/gzip', 'gzip'),
};
mountebank.kill();
await once(mountebank, 'exit');
for (const [name, [body, etag]] of Object.entries(seen)) console.log(`${name}: ${body.replace(/\s+/g, ' ')} ${etag}`);
const other = JSON.stringify({id: 12345678901234567000, price: 1}, null, 4);
const expected = Object.keys(seen).map(name => [name.startsWith('gzip') ? page : other, '"1"', 2]);
if (JSON.stringify(Object.values(seen)) !== JSON.stringify(expected)) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node ask.mjs
