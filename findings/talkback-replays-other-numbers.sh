#!/usr/bin/env bash
# A tape of talkback replays `1.0` as `1`, and the id 12345678901234567890 as 12345678901234567000.
#
# Guess: A proxy that records and replays HTTP gives back the recorded bytes. talkback's tapes show JSON in a readable
# way, for people; the body is the same once it's played.
# What happens: talkback reads the JSON of a response, writes its value to the tape, and sends JSON.stringify of that
# with two blanks of indentation. Numbers beyond 2^53 lose their last digits, `1.0` and `1e3` become `1` and `1000`,
# `\u00fc` a letter. Content-Length is counted anew; the ETag, Digest and signature fields of the old bytes stay. In the
# run that records, the first bytes are sent, even the second time: only the next run sees the others. With a content
# type other than JSON the tape holds the text or base64.
# Versions: talkback 4.2.0 on Node 20.
# Source: run of this script; talkback's README: if the content type is human readable, the body is saved in plain text,
# with JSON pretty-printed; of numbers it says nothing.
# In this program: responses are saved and replayed as bytes (store/response_store.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund talkback@4.2.0 >/dev/null
cat >replay.mjs <<'SCRIPT'
import http from 'node:http';
import talkback from 'talkback';

const page = '{"id": 12345678901234567890, "price": 1.0, "name": "\\u00fc"}';
const server = http.createServer((request, response) => {
  response.setHeader('Content-Type', request.url === '/text' ? 'text/plain' : 'application/json');
  response.setHeader('ETag', '"1"');
  response.end(page);
}).listen(0, '127.0.0.1');
await new Promise(done => server.once('listening', done));
const host = `http://127.0.0.1:${server.address().port}`;
const headers = {accept: '*/*'};
const play = async record => {
  const tapes = talkback({host, port: 0, record, path: './tapes', silent: true, summary: false});
  const proxy = await tapes.start();
  const answers = [];
  for (const path of ['/json', '/json', '/text']) {
    const response = await fetch(`http://127.0.0.1:${proxy.address().port}${path}`, {headers});
    answers.push([await response.text(), response.headers.get('etag')]);
  }
  tapes.close();
  return answers;
};
const recorded = await play(talkback.Options.RecordMode.NEW);
const [json, , text] = await play(talkback.Options.RecordMode.DISABLED);
console.log('recorded:', recorded[0][0]);
console.log('replayed:', json[0].replace(/\s+/g, ' '), json[1]);
const other = JSON.stringify({id: 12345678901234567000, price: 1, name: 'ü'}, null, 2);
if (recorded.some(([body]) => body !== page) || json[0] !== other || json[1] !== '"1"' || text[0] !== page) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
process.exit();
SCRIPT
node replay.mjs
