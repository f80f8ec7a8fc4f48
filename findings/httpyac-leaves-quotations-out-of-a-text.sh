#!/usr/bin/env bash
# httpyac sends a text without the lines that begin with `> `, `//` or `@ada`.
#
# Guess: In a `.http` file the body begins behind the empty line and ends at `###`: what is between goes out as written.
# Comments, `# …` and `// …`, belong in front of a request and between its headers.
# What happens: In a body, too, httpyac takes `//` for a comment, `> ` for the script or file that gets the response,
# and `@` with a word for a variable. These lines aren't sent, and nothing is said: a quotation in Markdown, and an
# answer that begins with somebody's name. `# Title` is sent as text/markdown, but not as text/plain. A line such as
# `POST a letter` ends the body and begins a request. Lists, `<b>` and addresses are sent.
# Versions: httpyac 6.16.7 on Node 20.
# Source: run of this script; JetBrains, whose format it is, documents that a line of a request that begins with `//` or
# `#` is a comment; of quotations, and of `@` without a value, neither says anything.
# In this program: descriptions and titles are sent in JSON or as a form (api/prepared_request.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund httpyac@6.16.7 >/dev/null
cat >send.mjs <<'SCRIPT'
import {execFile} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import http from 'node:http';
import {promisify} from 'node:util';

const lines = ['# Title', 'text', '> quotation', '// note', '@ada thanks', '* item', '<b>bold</b>', 'https://h/x'];
const bodies = {};
const server = http.createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  bodies[request.headers['content-type']] = Buffer.concat(pieces).toString();
  response.end();
}).listen(0, '127.0.0.1');
await new Promise(done => server.once('listening', done));
const left = {};
for (const type of ['text/markdown', 'text/plain']) {
  const head = `POST http://127.0.0.1:${server.address().port}/\nContent-Type: ${type}`;
  writeFileSync('text.http', `${head}\n\n${lines.join('\n')}\n`);
  await promisify(execFile)('node_modules/.bin/httpyac', ['send', 'text.http', '--all', '--silent']);
  const sent = bodies[type].split('\n');
  left[type] = lines.filter(line => !sent.includes(line));
  console.log(`${type}: not sent:`, left[type].join(', '));
}
server.close();
server.closeAllConnections();
const always = ['> quotation', '// note', '@ada thanks'];
if (JSON.stringify(left) !== JSON.stringify({'text/markdown': always, 'text/plain': ['# Title', ...always]})) {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node send.mjs
