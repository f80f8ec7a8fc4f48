#!/usr/bin/env bash
# Authlib takes a refused request for a token as the token.
#
# Guess: `fetch_token` raises when the server answers 400, 403 or 404, or when the answer holds no access token.
# What happens: it raises for 5xx, and for an answer with the member `error`. Any other JSON object is returned and
# becomes the client's token, `{"message": "no such client"}` too. The next request says that the token's type is
# unsupported. oauthlib, behind requests-oauthlib, says that the access token is missing.
# Versions: authlib 1.9.10 with httpx 0.28.1; oauthlib 4.0.1 for comparison.
# Source: run of this script; RFC 6749, 5.1 and 5.2: a token's answer has status 200 and an access_token.
# In this program: api/oauth_login.py looks at the status and at `access_token` before it makes a token.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check authlib==1.9.10 httpx==0.28.1 oauthlib==4.0.1
python=venv/bin/python
"$python" - <<'PYTHON'
import json, sys, warnings
import httpx
from oauthlib.oauth2.rfc6749.parameters import parse_token_response

with warnings.catch_warnings(record=True):
    from authlib.integrations.httpx_client import OAuth2Client

REFUSAL = {"message": "no such client"}


def answer(request):
    return httpx.Response(404, json=REFUSAL)


def name_error(work):
    try:
        work()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


client = OAuth2Client("id", "secret", transport=httpx.MockTransport(answer))
token = client.fetch_token("https://example.org/token", code="code")
later = name_error(lambda: client.get("https://example.org/user"))
by_oauthlib = name_error(lambda: parse_token_response(json.dumps(REFUSAL)))
print("the token:", token, "| the client's:", client.token)
print("the next request:", later)
print("oauthlib:", by_oauthlib)
unchanged = token == client.token == REFUSAL and "Unsupported token_type" in later
unchanged &= by_oauthlib.startswith("MissingTokenError")

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
