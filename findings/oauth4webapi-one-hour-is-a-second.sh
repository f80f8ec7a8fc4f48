#!/usr/bin/env bash
# oauth4webapi takes a token that lives for `1 hour` for one that lives for a second.
#
# Guess: `expires_in` that is no number is refused, as is a missing `token_type`, a status of 201 and an empty
# `refresh_token`: the library checks an answer strictly.
# What happens: A text goes through JavaScript's `parseFloat`, which reads the number in front and drops the rest:
# `"1 hour"` is 1, `"2 weeks"` 2, `"1h"` 1 and `"3,600"` 3. A client asks for a new token with each request. Only a text
# that begins with no number is refused.
# Versions: oauth4webapi 3.8.8 on Node 20.
# Source: run of this script; oauth4webapi/build/index.js, line 1238; RFC 6749, 5.1 and A.14: `expires_in` is 1*DIGIT.
# In this program: a text is a number if all of it is one (model/record_reader.py); `1 hour` counts as missing.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund oauth4webapi@3.8.8 >/dev/null
cat >answers.mjs <<'SCRIPT'
import * as oauth from 'oauth4webapi';

async function lifetime(expires_in) {
  const body = JSON.stringify({access_token: 'token', token_type: 'bearer', expires_in});
  const answer = new Response(body, {headers: {'content-type': 'application/json'}});
  const server = {issuer: 'https://server.example'};
  try {
    return (await oauth.processAuthorizationCodeResponse(server, {client_id: 'id'}, answer)).expires_in;
  } catch (error) {
    return 'refused';
  }
}

const values = [3600, '3600', '1 hour', '2 weeks', '1h', '3,600', 'an hour'];
const seen = [];
for (const value of values) {
  seen.push(await lifetime(value));
  console.log(JSON.stringify(value), 'lives for', seen.at(-1));
}
if (JSON.stringify(seen) !== '[3600,3600,1,2,1,3,"refused"]') {
  console.error('This has changed.');
  process.exit(1);
}
console.log('As described.');
SCRIPT
node answers.mjs
