#!/usr/bin/env bash
# If an app's redirect address has a query, @node-oauth/oauth2-server sends it no error when a login is refused.
#
# Guess: What the server adds to the redirect address stands behind the query that is there already: `?flow=1` becomes
# `?flow=1&code=…&state=…`, or `?flow=1&error=access_denied&state=…`.
# What happens: The code is added, the error is not: the app gets `?flow=1` alone, without error, description and state.
# It can't tell whose login was refused, or that one was, and most clients report a missing code or state. Without a
# query in the address all is there.
# Versions: @node-oauth/oauth2-server 5.3.0 on Node 20.
# Source: run of this script; lib/handlers/authorize-handler.js, `buildErrorRedirectUri`, parses the address and leaves
# its `search` in place, which Node's `url.format` prefers to `query`; RFC 6749, 3.1.2 and 4.1.2.1.
# In this program: the redirect address has no query (api/loopback_server.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @node-oauth/oauth2-server@5.3.0 >/dev/null
cat >login.cjs <<'SCRIPT'
const OAuth2Server = require('@node-oauth/oauth2-server');
const {Request, Response} = OAuth2Server;

async function login(redirect, scope) {
  const server = new OAuth2Server({model: {
    getClient: () => ({id: 'app', grants: ['authorization_code'], redirectUris: [redirect]}),
    getAccessToken: () => null,
    saveAuthorizationCode: (code, client, user) => ({...code, client, user}),
    validateScope: (user, client, asked) => asked.includes('thing') ? asked : false,
  }});
  const query = {client_id: 'app', response_type: 'code', redirect_uri: redirect, scope, state: 'xyz'};
  const response = new Response({});
  try {
    const authenticateHandler = {handle: () => ({id: 1})};
    await server.authorize(new Request({method: 'GET', headers: {}, query, body: {}}), response, {authenticateHandler});
  } catch (error) {
    if (error.name !== 'invalid_scope') throw error;
  }
  return [...new URL(response.headers.location).searchParams.keys()].join(' ');
}

(async () => {
  const seen = {};
  for (const redirect of ['http://127.0.0.1:5000/', 'http://127.0.0.1:5000/?flow=1']) {
    for (const scope of ['thing', 'unknown']) {
      seen[`${redirect} ${scope}`] = await login(redirect, scope);
      console.log(`${redirect}, scope ${scope}: the app gets ${seen[`${redirect} ${scope}`]}`);
    }
  }
  const unchanged = Object.values(seen).join(', ')
    === 'code state, error error_description state, flow code state, flow';
  if (!unchanged) {
    console.error('This has changed.');
    process.exit(1);
  }
  console.log('As described.');
})();
SCRIPT
node login.cjs
