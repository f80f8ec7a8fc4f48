#!/usr/bin/env bash
# Authlib's server refuses the secret that Authlib's own client sends, if there is a percent sign in it.
#
# Guess: A client and a server of one library agree about `client_secret_basic`, whatever characters the secret has.
# What happens: The server decodes what is percent-encoded in the two halves, as RFC 6749 demands, and the client
# doesn't encode them: of the secret `a%2Bb` the server sees `a+b`. requests-oauthlib doesn't encode either.
# oauth4webapi encodes, so it is let in. But it writes a blank in a client's id as `+`, which the server leaves as it
# is, so `my client` is unknown to it, and known if it comes from Authlib. Letters, digits, `-`, `_`, `/` and `=` work
# in all of them.
# Versions: authlib 1.9.10 with flask 3.1.3 and httpx 0.28.1, requests-oauthlib 2.0.0; oauth4webapi 3.8.8 on Node 20.
# Source: run of this script; authlib/oauth2/auth.py, `encode_client_secret_basic`, and authlib/oauth2/rfc6749/util.py,
# `extract_basic_authorization`; RFC 6749, 2.3.1: both are encoded as forms are, blanks as `+`.
# In this program: the sandbox is such a server, and a percent sign is sent encoded (api/oauth_login.py); until this finding
# it refused such a secret.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check authlib==1.9.10 flask==3.1.3 httpx==0.28.1 \
  requests-oauthlib==2.0.0 requests==2.34.2
npm install --silent --no-audit --no-fund oauth4webapi@3.8.8 >/dev/null
venv/bin/python - <<'PYTHON'
import json, logging, os, subprocess, sys, threading, warnings

warnings.simplefilter("ignore")
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc6749 import ClientMixin, grants
from flask import Flask
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session
from werkzeug.serving import make_server

SECRETS = {"plain": "abc123", "signs": "a-b_c/d=", "percent": "a%2Bb", "my client": "abc123"}
SCRIPT = r"""
import * as oauth from 'oauth4webapi';
const [issuer, client_id, secret] = process.argv.slice(1);
const server = {issuer, token_endpoint: `${issuer}/token`};
const response = await oauth.clientCredentialsGrantRequest(server, {client_id}, oauth.ClientSecretBasic(secret),
  new URLSearchParams(), {[oauth.allowInsecureRequests]: true});
console.log(response.ok);
"""


class Client(ClientMixin):
    def __init__(self, name):
        self.name = name

    def get_client_id(self):
        return self.name

    def check_client_secret(self, secret):
        return secret == SECRETS[self.name]

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_grant_type(self, grant):
        return True

    def get_allowed_scope(self, scope):
        return scope or ""


app = Flask("server")
authorization = AuthorizationServer(
    app, query_client=lambda name: Client(name) if name in SECRETS else None, save_token=lambda *arguments: None
)
authorization.register_grant(grants.ClientCredentialsGrant)
app.post("/token")(lambda: authorization.create_token_response())
server = make_server("127.0.0.1", 0, app)
logging.getLogger("werkzeug").disabled = True
threading.Thread(target=server.serve_forever, daemon=True).start()
issuer = f"http://127.0.0.1:{server.server_port}"


def by_authlib(name, secret):
    try:
        return bool(OAuth2Client(name, secret).fetch_token(f"{issuer}/token", grant_type="client_credentials"))
    except OAuthError:
        return False


def by_requests(name, secret):
    session = OAuth2Session(client=BackendApplicationClient(name))
    try:
        return bool(session.fetch_token(f"{issuer}/token", auth=HTTPBasicAuth(name, secret)))
    except OAuth2Error:
        return False


def by_oauth4webapi(name, secret):
    command = ["node", "--input-type=module", "-e", SCRIPT, issuer, name, secret]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


CLIENTS = (by_authlib, by_requests, by_oauth4webapi)
seen = {name: [ask(name, secret) for ask in CLIENTS] for name, secret in SECRETS.items()}
print("Does Authlib's server let in Authlib, requests-oauthlib, oauth4webapi?")
for name, answers in seen.items():
    print(f"  {name}, secret {SECRETS[name]}:", *answers)
unchanged = seen["plain"] == seen["signs"] == [True] * 3
unchanged &= seen["percent"] == [False, False, True] and seen["my client"] == [True, True, False]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
