#!/usr/bin/env bash
# A number sign at the end of the redirect makes Authlib ignore the code in front of it.
#
# Guess: `http://127.0.0.1/?code=abc&state=s#` is read as without the `#`: a fragment is no part of what the server
# sends, and some sites append `#` or `#_=_` to every redirect.
# What happens: any `#` in the address switches to the implicit grant. The fragment has no token, so 'Missing
# access_token in response' is raised, and the code, which can be used once, is not sent.
# Versions: Authlib 1.9.10.
# Source: run of this script; RFC 6749, 4.1.2: the code stands in the query.
# In this program: the query of a pasted address is read, whatever stands behind it.
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
    return httpx.Response(200, json={"access_token": "token", "token_type": "bearer"})


def fetch(address):
    client = OAuth2Client("id", "secret", redirect_uri="http://127.0.0.1/", transport=httpx.MockTransport(server))
    try:
        return client.fetch_token("https://server.example/token", authorization_response=address)["access_token"]
    except Exception as error:
        return f"{type(error).__name__}: {error}"


address = "http://127.0.0.1/?code=abc&state=s"
seen = [fetch(address + end) for end in ("", "#", "#_=_")]
print(*seen, sep="\n")
unchanged = seen[0] == "token" and all("access_token" in said for said in seen[1:]) and len(sent) == 1

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
