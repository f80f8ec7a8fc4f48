#!/usr/bin/env bash
# requests_oauth2client never renews a token whose `expires_in` is 3600.0.
#
# Guess: A token's life is a number of seconds: 3600, 3600.0 and 3.6e3 are one number in JSON, and servers in
# JavaScript, Python or Go write one or the other after a division.
# What happens: requests_oauth2client takes no number with a point: `expires_in` is None, the token counts as one that
# never expires, and from the second hour on each request is refused with 401. As text, "3600", which isn't allowed, it
# reads it. If a renewed token comes without a new refresh token, as RFC 6749 allows, it drops the old one, so even with
# 3600 it can renew but once. Authlib, requests-oauthlib, openid-client and arctic read the number.
# Versions: requests_oauth2client 1.8.0; authlib 1.9.10 and requests-oauthlib 2.0.0 with requests 2.34.2; openid-client
# 6.9.0 and arctic 3.7.0 on Node 20.
# Source: run of this script; RFC 6749, 5.1 (expires_in is a number) and A.14; RFC 8259, 6: a number may have a
# fraction; RFC 6749, 6: the authorization server MAY issue a new refresh token.
# In this program: such a number is read, and the old refresh token is kept if no new one comes (api/oauth_login.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check requests_oauth2client==1.8.0 authlib==1.9.10 \
  requests-oauthlib==2.0.0 requests==2.34.2
npm install --silent --no-audit --no-fund openid-client@6.9.0 arctic@3.7.0 >/dev/null
cat >ask.mjs <<'SCRIPT'
import {OAuth2Client} from 'arctic';
import * as client from 'openid-client';

const [issuer] = process.argv.slice(2);
const endpoint = `${issuer}/3600.0`;
const configuration = new client.Configuration({issuer, token_endpoint: endpoint}, 'app', {}, client.None());
client.allowInsecureRequests(configuration);
const byOpenidClient = await client.clientCredentialsGrant(configuration);
const byArctic = await new OAuth2Client('app', 'secret', null).validateAuthorizationCode(endpoint, 'code', null);
console.log(JSON.stringify({
  'openid-client': byOpenidClient.expires_in,
  'arctic': byArctic.accessTokenExpiresInSeconds(),
}));
SCRIPT
venv/bin/python - <<'PYTHON'
import json, os, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from requests_oauth2client import BearerToken, OAuth2AccessTokenAuth, OAuth2Client
from requests_oauthlib import OAuth2Session

os.environ |= {"AUTHLIB_INSECURE_TRANSPORT": "1", "OAUTHLIB_INSECURE_TRANSPORT": "1"}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        seconds = self.path.removeprefix("/")
        body = f'{{"access_token": "new", "token_type": "bearer", "expires_in": {seconds}}}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
origin = f"http://127.0.0.1:{server.server_port}"
node = subprocess.run(["node", "ask.mjs", origin], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
by_authlib = AuthlibSession("app", "secret").fetch_token(f"{origin}/3600.0", grant_type="client_credentials")
by_oauthlib = OAuth2Session("app", redirect_uri="https://h/").fetch_token(f"{origin}/3600.0", code="code")
seen |= {"Authlib": by_authlib["expires_in"], "requests-oauthlib": by_oauthlib["expires_in"]}
for number in ("3600", "3600.0"):
    client = OAuth2Client(f"{origin}/{number}", client_id="app", client_secret="secret", testing=True)
    token = client.client_credentials()
    seen[f"requests_oauth2client, {number}"] = token.expires_in
old = BearerToken(access_token="old", expires_in=3600, refresh_token="r")
client = OAuth2Client(f"{origin}/3600", client_id="app", client_secret="secret", testing=True)
auth = OAuth2AccessTokenAuth(client, old)
auth.renew_token()
for name, seconds in seen.items():
    print(f"{name}: {seconds}")
print("the refresh token behind a renewal:", auth.token.refresh_token)
unchanged = seen.pop("requests_oauth2client, 3600.0") is None and set(seen.values()) == {3600}
unchanged &= len(seen) == 5 and auth.token.access_token == "new" and auth.token.refresh_token is None

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
