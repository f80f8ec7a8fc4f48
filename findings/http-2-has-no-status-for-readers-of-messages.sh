#!/usr/bin/env bash
# Two of four readers of HTTP messages find no status in what `curl -i` prints for HTTP/2.
#
# Guess: `HTTP/2 200 ` is a status line to who reads saved responses: curl, and HTTPie, have written such files for
# years. An HTTP/1.1 without a reason phrase, which HTTP allows, is one as well.
# What happens: http-headers wants `HTTP/` digit, dot, digit, and if that isn't there it returns the fields alone, in
# place of an object with a status and the fields: `statusCode` is undefined, and `headers` too. http-message-parser
# returns null for the status, and so it does for `HTTP/1.1 200 `, whose reason is empty. http-z and http-string-parser
# read all of them. Behind `100 Continue`, which `curl -i` prints for a large upload, none goes on: the answer is the
# body of the first.
# Versions: http-headers 3.0.2, http-message-parser 0.0.34, http-z 8.1.1, http-string-parser 0.0.6 on Node 20.
# Source: run of this script; RFC 9112, 4: the reason phrase is optional, the blank in front of it isn't; 15.2 of RFC
# 9110: a client must be able to parse one or more 1xx responses received prior to a final response.
# In this program: `import` reads all of these (library/import_export/http_transcript.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund http-headers@3.0.2 http-message-parser@0.0.34 http-z@8.1.1 \
  http-string-parser@0.0.6 >/dev/null
cat >read.mjs <<'SCRIPT'
import httpHeaders from 'http-headers';
import httpMessageParser from 'http-message-parser';
import httpStringParser from 'http-string-parser';
import httpZ from 'http-z';

const rest = '\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}';
const messages = {
  'HTTP/1.1 200 OK': `HTTP/1.1 200 OK${rest}`,
  'HTTP/1.1 200': `HTTP/1.1 200 ${rest}`,
  'HTTP/2 200': `HTTP/2 200 ${rest}`,
  '100 Continue': `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK${rest}`,
};
const readers = {
  'http-headers': message => httpHeaders(message).statusCode,
  'http-message-parser': message => httpMessageParser(message).statusCode,
  'http-z': message => httpZ.parse(message).statusCode,
  'http-string-parser': message => httpStringParser.parseResponse(message).statusCode,
};
const seen = {};
for (const [name, read] of Object.entries(readers)) {
  seen[name] = Object.values(messages).map(message => Number(read(message) ?? 0));
  console.log(`${name}:`, ...Object.keys(messages).map((message, at) => `${message}: ${seen[name][at] || 'none'};`));
}
const unchanged = JSON.stringify(seen) === JSON.stringify({
  'http-headers': [200, 200, 0, 100],
  'http-message-parser': [200, 0, 0, 100],
  'http-z': [200, 200, 200, 100],
  'http-string-parser': [200, 200, 200, 100],
});
if (!unchanged || httpHeaders(messages['HTTP/2 200'])['content-type'] !== 'application/json') {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node read.mjs
