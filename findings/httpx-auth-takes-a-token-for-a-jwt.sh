#!/usr/bin/env bash
# httpx-auth fails on a token that doesn't say when it ends, unless it is a JWT.
#
# Guess: an access token is opaque to the client, and `expires_in` optional. A token without it is used until the server
# refuses it.
# What happens: the token is cut at its full stops and decoded as a JWT, for its `exp`. An opaque one, such as Flattr
# gave, raises `ValueError: not enough values to unpack (expected 3, got 1)`, and no request is sent. With `expires_in`,
# also as a text, it works.
# Versions: httpx-auth 0.23.1 with httpx 0.28.1.
# Source: run of this script; httpx_auth/_oauth2/tokens.py; RFC 6749, 1.4 (opaque) and 5.1 (`expires_in` RECOMMENDED).
# httpx-auth's README does not say that tokens must be JWTs.
# In this program: a token without an end is kept until it is refused (api/oauth_login.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx-auth==0.23.1 httpx==0.28.1
venv/bin/python - <<'PYTHON'
import sys
import httpx
from httpx_auth import OAuth2ClientCredentials


def ask(**more):
    def answer(request):
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "c4wr8nms", "token_type": "bearer", **more})
        return httpx.Response(200, text=request.headers["Authorization"])

    transport = httpx.MockTransport(answer)
    address = f"https://example.org/token?{len(more)}{more}"
    with httpx.Client(transport=transport) as to_server, httpx.Client(transport=transport) as client:
        auth = OAuth2ClientCredentials(address, client_id="id", client_secret="secret", client=to_server)
        try:
            return client.get("https://example.org/users/ada", auth=auth).text
        except ValueError as error:
            return str(error)


seen = [ask(), ask(expires_in=3600), ask(expires_in="3600")]
for lifetime, what in zip(("no lifetime", "a number", "a text"), seen):
    print(f"{lifetime}: {what}")
if seen != ["not enough values to unpack (expected 3, got 1)", "Bearer c4wr8nms", "Bearer c4wr8nms"]:
    sys.exit("This has changed.")
print("As described.")
PYTHON
