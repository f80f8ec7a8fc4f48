#!/usr/bin/env bash
# Six of thirteen OAuth clients spoil an authorization endpoint that has a query, such as `?tenant=a`.
#
# Guess: The client's parameters are added to those that are there: RFC 6749, 3.1, allows a query in the endpoint's
# address, and says that it must be kept.
# What happens: httpx-oauth, aioauth-client, rauth, @badgateway/oauth2-client and grant write a second `?`. So the
# tenant is `a?response_type=code`, or whatever the client writes first, and that parameter is missing: the response
# type, the redirect address or the client's id, each of which a server reports as another mistake. Without a redirect
# address it takes the registered one, and all may look well. requests_oauth2client drops the query, so the login goes
# to another tenant. Authlib, requests-oauthlib, passport-oauth2, simple-oauth2, client-oauth2, arctic and openid-client
# keep it.
# Versions: httpx-oauth 0.17.0, aioauth-client 0.30.1, rauth 0.7.3, requests_oauth2client 1.8.0, Authlib 1.9.10,
# requests-oauthlib 2.0.0; on Node 20: @badgateway/oauth2-client 3.3.1, grant 5.4.24, passport-oauth2 1.8.0,
# simple-oauth2 5.1.0, client-oauth2 4.3.3, arctic 3.7.0, openid-client 6.9.0.
# Source: run of this script; RFC 6749, 3.1.
# In this program: the address is made by Authlib's `prepare_grant_uri`, which keeps a query (api/oauth_login.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx-oauth==0.17.0 aioauth-client==0.30.1 rauth==0.7.3 \
  requests_oauth2client==1.8.0 Authlib==1.9.10 requests-oauthlib==2.0.0 requests==2.32.5
npm install --silent --no-audit --no-fund @badgateway/oauth2-client@3.3.1 grant@5.4.24 passport-oauth2@1.8.0 \
  simple-oauth2@5.1.0 client-oauth2@4.3.3 arctic@3.7.0 openid-client@6.9.0 >/dev/null
cat >login.mjs <<'SCRIPT'
import {OAuth2Client as BadgatewayClient} from '@badgateway/oauth2-client';
import {OAuth2Client as ArcticClient} from 'arctic';
import ClientOAuth2 from 'client-oauth2';
import grant from 'grant/lib/grant.js';
import * as openid from 'openid-client';
import Strategy from 'passport-oauth2';
import {AuthorizationCode} from 'simple-oauth2';

const [endpoint, redirect] = process.argv.slice(2);
const {origin, pathname, search} = new URL(endpoint);
const token = `${origin}/token`;
const clients = {
  '@badgateway/oauth2-client': () => new BadgatewayClient({
    clientId: 'app', server: origin, authorizationEndpoint: endpoint, tokenEndpoint: token,
  }).authorizationCode.getAuthorizeUri({redirectUri: redirect, state: 'xyz'}),
  'grant': async () => (await (grant({config: {server: {
    oauth: 2, authorize_url: endpoint, access_url: token, key: 'app', redirect_uri: redirect, state: 'xyz',
  }}}))({method: 'GET', params: {provider: 'server'}, query: {}, session: {}})).location,
  'passport-oauth2': () => new Promise((resolve, reject) => {
    const strategy = new Strategy({
      authorizationURL: endpoint, tokenURL: token, clientID: 'app', clientSecret: 'secret', callbackURL: redirect,
    }, () => {});
    Object.assign(strategy, {redirect: resolve, error: reject});
    strategy.authenticate({query: {}}, {state: 'xyz'});
  }),
  'simple-oauth2': () => new AuthorizationCode({
    client: {id: 'app', secret: 'secret'}, auth: {tokenHost: origin, authorizePath: pathname + search},
  }).authorizeURL({redirect_uri: redirect, state: 'xyz'}),
  'client-oauth2': () => new ClientOAuth2({
    clientId: 'app', clientSecret: 'secret', accessTokenUri: token, authorizationUri: endpoint, redirectUri: redirect,
  }).code.getUri({state: 'xyz'}),
  'arctic': () => new ArcticClient('app', 'secret', redirect).createAuthorizationURL(endpoint, 'xyz', []),
  'openid-client': () => openid.buildAuthorizationUrl(
    new openid.Configuration({issuer: origin, authorization_endpoint: endpoint}, 'app'),
    {redirect_uri: redirect, state: 'xyz'},
  ),
};
const made = {};
for (const [name, login] of Object.entries(clients)) made[name] = String(await login());
console.log(JSON.stringify(made));
SCRIPT
venv/bin/python - <<'PYTHON'
import asyncio, json, subprocess, sys, warnings
from urllib.parse import parse_qs, urlsplit

warnings.simplefilter("ignore")
from aioauth_client import OAuth2Client as AioClient
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from httpx_oauth.oauth2 import OAuth2
from rauth import OAuth2Service
from requests_oauth2client import OAuth2Client
from requests_oauthlib import OAuth2Session

ENDPOINT, TOKEN, REDIRECT = "https://h/authorize?tenant=a", "https://h/token", "http://127.0.0.1:5000/"
addresses = {"authorize_url": ENDPOINT, "access_token_url": TOKEN}
made = {
    "httpx-oauth": asyncio.run(OAuth2("app", "secret", ENDPOINT, TOKEN).get_authorization_url(REDIRECT, state="xyz")),
    "aioauth-client": AioClient("app", "secret", **addresses).get_authorize_url(redirect_uri=REDIRECT, state="xyz"),
    "rauth": OAuth2Service("app", "secret", **addresses).get_authorize_url(redirect_uri=REDIRECT, state="xyz"),
    "requests_oauth2client": str(
        OAuth2Client(TOKEN, client_id="app", authorization_endpoint=ENDPOINT, redirect_uri=REDIRECT)
        .authorization_request(state="xyz")
    ),
    "Authlib": AuthlibSession("app", redirect_uri=REDIRECT).create_authorization_url(ENDPOINT, state="xyz")[0],
    "requests-oauthlib": OAuth2Session("app", redirect_uri=REDIRECT).authorization_url(ENDPOINT, state="xyz")[0],
}
command = ["node", "login.mjs", ENDPOINT, REDIRECT]
made |= json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
seen = {name: parse_qs(urlsplit(url).query).get("tenant", ["none"])[0] for name, url in made.items()}
for name, tenant in seen.items():
    print(f"{name}: the tenant is {tenant}")
spoilt = {
    "httpx-oauth": "a?response_type=code",
    "aioauth-client": "a?redirect_uri=http://127.0.0.1:5000/",
    "rauth": "a?redirect_uri=http://127.0.0.1:5000/",
    "requests_oauth2client": "none",
    "@badgateway/oauth2-client": "a?client_id=app",
    "grant": "a?client_id=app",
}
unchanged = len(seen) == 13 and all(tenant == spoilt.get(name, "a") for name, tenant in seen.items())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
