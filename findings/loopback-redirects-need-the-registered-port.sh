#!/usr/bin/env bash
# Three of six OAuth server libraries refuse a native app's loopback redirect for its port.
#
# Guess: An app that registered `http://127.0.0.1/cb` may ask for `http://127.0.0.1:5000/cb`: by RFC 8252, 7.3, the
# server must allow any port there, since the app takes the one that the system gives it.
# What happens: django-oauth-toolkit, oidc-provider (for a client of application_type native) and @jmondi/oauth2-server
# allow it. @node-oauth/oauth2-server, aioauth and the SQLAlchemy mixin of Authlib look for the very text in the list of
# addresses. A developer who registers the port of the day sees no error until the next start of the app.
# Versions: django-oauth-toolkit 3.4.1 with Django 5.2.8, aioauth 2.0.1, Authlib 1.9.10 with SQLAlchemy 2.0.44;
# oidc-provider 9.13.3, @jmondi/oauth2-server 4.3.7 and @node-oauth/oauth2-server 5.3.0 on Node 20.
# Source: run of this script; @node-oauth/oauth2-server/lib/handlers/authorize-handler.js, `validateRedirectUri`;
# `check_redirect_uri` in aioauth/models.py and in authlib/integrations/sqla_oauth2/client_mixin.py.
# In this program: any free port is taken, or the one in the settings if the service wants a fixed address
# (api/oauth_login.py); the sandbox allows any (sandbox/authorization_server.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check django-oauth-toolkit==3.4.1 Django==5.2.8 \
  aioauth==2.0.1 Authlib==1.9.10 SQLAlchemy==2.0.44
npm install --silent --no-audit --no-fund oidc-provider@9.13.3 @jmondi/oauth2-server@4.3.7 \
  @node-oauth/oauth2-server@5.3.0 >/dev/null
cat >ask.mjs <<'SCRIPT'
import {AuthorizationServer, DateInterval, OAuthRequest} from '@jmondi/oauth2-server';
import NodeOAuthServer from '@node-oauth/oauth2-server';
import Provider from 'oidc-provider';

console.warn = console.info = () => {};
const [registered, asked] = process.argv.slice(2);

async function byOidcProvider() {
  const provider = new Provider('http://localhost:3000', {clients: [{
    client_id: 'app', application_type: 'native', redirect_uris: [registered], token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code'], response_types: ['code'],
  }]});
  return (await provider.Client.find('app')).redirectUriAllowed(asked);
}

async function byJmondi() {
  const grant = 'authorization_code';
  const client = {id: 'app', name: 'app', redirectUris: [registered], allowedGrants: [grant], scopes: []};
  const server = new AuthorizationServer(
    {getByIdentifier: async () => client, isClientValid: async () => true}, {},
    {getAllByIdentifiers: async () => [], finalize: async scopes => scopes}, {}, {requiresPKCE: false},
  );
  server.enableGrantType({grant, authCodeRepository: {}, userRepository: {}}, new DateInterval('1h'));
  const query = {response_type: 'code', client_id: 'app', redirect_uri: asked};
  try {
    return (await server.validateAuthorizationRequest(new OAuthRequest({query}))).redirectUri === asked;
  } catch (error) {
    return error.message;
  }
}

async function byNodeOAuth() {
  const server = new NodeOAuthServer({model: {
    getClient: () => ({id: 'app', grants: ['authorization_code'], redirectUris: [registered]}),
    getAccessToken: () => null,
    saveAuthorizationCode: (code, client, user) => ({...code, client, user}),
  }});
  const query = {client_id: 'app', response_type: 'code', redirect_uri: asked, state: 'xyz'};
  const request = new NodeOAuthServer.Request({method: 'GET', headers: {}, query, body: {}});
  try {
    const authenticateHandler = {handle: () => ({id: 1})};
    await server.authorize(request, new NodeOAuthServer.Response({}), {authenticateHandler});
    return true;
  } catch (error) {
    return error.message;
  }
}

console.log(JSON.stringify({
  'oidc-provider': await byOidcProvider(),
  '@jmondi/oauth2-server': await byJmondi(),
  '@node-oauth/oauth2-server': await byNodeOAuth(),
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys, warnings

warnings.simplefilter("ignore")
import django
from aioauth.models import Client
from authlib.integrations.sqla_oauth2 import OAuth2ClientMixin
from django.conf import settings
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base

settings.configure(INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider"])
django.setup()
from oauth2_provider.models import Application

REGISTERED, ASKED = "http://127.0.0.1/cb", "http://127.0.0.1:5000/cb"


class AuthlibClient(declarative_base(), OAuth2ClientMixin):
    __tablename__ = "client"
    id = Column(Integer, primary_key=True)


def ask(asked):
    client = AuthlibClient()
    client.set_client_metadata({"redirect_uris": [REGISTERED]})
    aio = Client(
        client_id="app", client_secret="", grant_types=["authorization_code"], response_types=["code"],
        redirect_uris=[REGISTERED],
    )
    command = ["node", "ask.mjs", REGISTERED, asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {
        "django-oauth-toolkit": Application(redirect_uris=REGISTERED).redirect_uri_allowed(asked),
        "aioauth": aio.check_redirect_uri(asked),
        "Authlib": client.check_redirect_uri(asked),
    } | json.loads(done.stdout)


without, seen = ask(REGISTERED), ask(ASKED)
for name, answer in seen.items():
    print(f"{name}, port 5000: {answer}")
refused = {"@node-oauth/oauth2-server", "aioauth", "Authlib"}
unchanged = all(answer is True for answer in without.values()) and len(seen) == 6
unchanged &= all((answer is not True) == (name in refused) for name, answer in seen.items())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
