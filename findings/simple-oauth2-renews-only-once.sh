#!/usr/bin/env bash
# A token that simple-oauth2 has renewed can't be renewed again, if the server did not send a new refresh token.
#
# Guess: `refresh()` returns a token that can be refreshed in its turn: if the answer has no refresh token, the old one
# goes on, as the protocol says.
# What happens: The code means to keep it, but reads it from the wrong object (`this.refresh_token` instead of
# `this.token.refresh_token`), so the new token has `refresh_token: undefined`. The second `refresh()` asks with an
# empty `refresh_token=`, and the user has to log in. A test that renews once passes. requests-oauthlib keeps it.
# Versions: simple-oauth2 5.1.0 on Node 20.
# Source: run of this script; simple-oauth2/lib/access-token.js, line 52; RFC 6749, 6: the server MAY issue a new
# refresh token, and only then is the old one discarded.
# In this program: the old refresh token is kept (api/oauth_login.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund simple-oauth2@5.1.0 >/dev/null
cat >renew.js <<'SCRIPT'
const http = require('http');
const {AuthorizationCode} = require('simple-oauth2');

const asked = [];
const server = http.createServer((request, response) => {
  let body = '';
  request.on('data', (data) => { body += data; });
  request.on('end', () => {
    asked.push(body);
    response.setHeader('content-type', 'application/json');
    response.end('{"access_token": "new", "token_type": "bearer", "expires_in": 60}');
  });
});
server.listen(0, '127.0.0.1', async () => {
  const auth = {tokenHost: `http://127.0.0.1:${server.address().port}`, tokenPath: '/token'};
  const client = new AuthorizationCode({client: {id: 'id', secret: 'secret'}, auth});
  const first = client.createToken({access_token: 'old', refresh_token: 'renew-me'});
  const second = await first.refresh();
  await second.refresh();
  server.close();
  asked.forEach((body, index) => console.log(`renewal ${index + 1} asks: ${body}`));
  const expected = ['grant_type=refresh_token&refresh_token=renew-me', 'grant_type=refresh_token&refresh_token='];
  if (JSON.stringify(asked) !== JSON.stringify(expected)) {
    console.error('This has changed.');
    process.exit(1);
  }
  console.log('As described.');
});
SCRIPT
node renew.js
