#!/usr/bin/env bash
# After a login that the user refused, Authlib asks the server for a token of the program's own.
#
# Guess: `fetch_token(authorization_response=…)` with `?error=access_denied&state=…` raises OAuthError with that
# error.
# What happens: an address without `code=` is not looked at. The grant is guessed from what else was passed, and that
# is client_credentials: a request goes out in the program's own name. If the server grants it, the program holds a
# token that is nobody's and goes on as if somebody had logged in.
# Versions: Authlib 1.9.10 with httpx 0.28.1.
# Source: run of this script; RFC 6749, 4.1.2.1 defines the answer with `error`.
# In this program: the redirect is parsed by api/oauth_login.py before Authlib sees anything; a refusal is said as one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check authlib==1.9.10 httpx==0.28.1
python=venv/bin/python
"$python" - <<'PYTHON'
import httpx
import sys
from authlib.integrations.httpx_client import OAuth2Client

sent = []


def server(request):
    sent.append(request.content.decode())
    return httpx.Response(200, json={"access_token": "nobody's", "token_type": "bearer"})


client = OAuth2Client("id", "secret", redirect_uri="http://127.0.0.1/", transport=httpx.MockTransport(server))
refused = "http://127.0.0.1/?error=access_denied&state=abc"
try:
    token = client.fetch_token("https://server.example/token", authorization_response=refused, state="abc")
except Exception as error:
    token = None
    print("raised", type(error).__name__, error)
print("sent", sent, "token", token and dict(token))
unchanged = sent == ["grant_type=client_credentials"] and bool(token)

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
