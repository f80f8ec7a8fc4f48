#!/usr/bin/env bash
# Of a compressed response, Polly.js saves a HAR whose body is a list in JSON, and is said to be base64.
#
# Guess: Polly.js saves its recordings as HAR so that other programs can read them: `content.text` is the body, or its
# base64 if `encoding` says so.
# What happens: With `Content-Encoding`, each chunk that came from the network is encoded alone, and the text is
# `["H4sI…", "…"]`. har-validator calls the file valid, since a text is a text. A reader that is strict fails at the
# bracket. The usual functions of Node and Python skip brackets and quotes and stop at the first padding, so they give
# the beginning of a gzip, and no error. `size` is the length of that text if the server sent no Content-Length.
# Versions: @pollyjs/core, adapter-node-http and persister-fs 6.0.6 with nock 13.5.6, har-validator 5.1.5, Node 20.
# Source: run of this script; @pollyjs/adapter-node-http/src/index.js, `getBodyFromChunks`; HAR 1.2, `content`: size is
# the length of the body that was returned.
# In this program: `import` joins the chunks and unpacks them (library/import_export/http_archives.py); until this finding it left such
# responses out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @pollyjs/core@6.0.6 @pollyjs/adapter-node-http@6.0.6 \
  @pollyjs/persister-fs@6.0.6 nock@13.5.6 har-validator@5.1.5 >/dev/null 2>&1
cat >record.cjs <<'SCRIPT'
const {Polly} = require('@pollyjs/core');
const {randomBytes} = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const zlib = require('node:zlib');
Polly.register(require('@pollyjs/adapter-node-http'));
Polly.register(require('@pollyjs/persister-fs'));

(async () => {
  const packed = zlib.gzipSync(JSON.stringify({title: 'a page', about: randomBytes(4000).toString('hex')}));
  const server = http.createServer(async (request, response) => {
    response.writeHead(200, {'Content-Type': 'application/json', 'Content-Encoding': 'gzip'});
    response.write(packed.subarray(0, 1000));
    await new Promise(done => setTimeout(done, 200));
    response.end(packed.subarray(1000));
  });
  server.listen(0, '127.0.0.1');
  await new Promise(done => server.once('listening', done));
  const polly = new Polly('page', {
    adapters: ['node-http'], persister: 'fs', persisterOptions: {fs: {recordingsDir: 'recordings'}}, logLevel: 'silent',
  });
  await new Promise(done => http.get({port: server.address().port, host: '127.0.0.1', path: '/'}, response => {
    response.resume().once('end', done);
  }));
  await polly.stop();
  server.close();
  const [name] = fs.readdirSync('recordings', {recursive: true}).filter(path => path.endsWith('.har'));
  const har = JSON.parse(fs.readFileSync(`recordings/${name}`));
  const valid = Boolean(await require('har-validator').har(har));
  const {encoding, size, text} = har.log.entries[0].response.content;
  const joined = Buffer.concat(JSON.parse(text).map(chunk => Buffer.from(chunk, 'base64')));
  console.log(`encoding ${encoding}, size ${size} of ${zlib.gunzipSync(packed).length}, valid: ${valid}`);
  const decoded = Buffer.from(text, 'base64');
  console.log(`text: ${text.slice(0, 40)}…, ${JSON.parse(text).length} chunks`);
  console.log(`decoded at once: ${decoded.length} of ${packed.length} bytes`);
  const unchanged = encoding === 'base64' && valid && size === text.length && text.startsWith('["H4sI')
    && JSON.parse(text).length > 1 && joined.equals(packed)
    && decoded.length < packed.length;
  if (!unchanged) {
    console.error('This has changed.');
    process.exit(1);
  }
  console.log('As described.');
})();
SCRIPT
node record.cjs
