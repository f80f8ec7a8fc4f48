#!/usr/bin/env bash
# Authlib renews a token that lives for a minute before each request, the first one too.
#
# Guess: A token with `expires_in` 60 is used for 60 seconds, or a little less, and then renewed.
# What happens: A token counts as expired in its last 60 seconds, so one that lives for 60 or less always does. With a
# refresh token each request becomes two, and servers that give out a new refresh token each time, or limit them, see an
# attack. Without one, InvalidTokenError is raised right after the login.
# Versions: authlib 1.9.10 with httpx 0.28.1; oauthlib 4.0.1, behind requests-oauthlib, renews when the time is over.
# Source: run of this script; the parameter `leeway` of OAuth2Client, 60 by default.
# In this program: Token.expired looks 30 seconds ahead (api/token_store.py); Flattr's tokens had no end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check authlib==1.9.10 httpx==0.28.1
python=venv/bin/python
"$python" - <<'PYTHON'
import sys, warnings
import httpx

with warnings.catch_warnings(record=True):
    from authlib.integrations.httpx_client import OAuth2Client


def ask(lifetime, renewable):
    sent = []

    def answer(request):
        sent.append(request.url.path)
        if request.url.path == "/user":
            return httpx.Response(200)
        token = {"access_token": "a", "token_type": "bearer", "expires_in": lifetime}
        return httpx.Response(200, json={**token, "refresh_token": "r"} if renewable else token)

    client = OAuth2Client("id", "s", token_endpoint="https://h/token", transport=httpx.MockTransport(answer))
    client.fetch_token(code="code")
    try:
        client.get("https://h/user")
        client.get("https://h/user")
    except Exception as error:
        sent.append(type(error).__name__)
    return sent


seen = {case: ask(*case) for case in ((3600, True), (60, True), (60, False))}
for (lifetime, renewable), sent in seen.items():
    print(f"{lifetime} s, with a refresh token: {renewable}:", *sent)
unchanged = seen[3600, True] == ["/token", "/user", "/user"]
unchanged &= seen[60, True] == ["/token", "/token", "/user", "/token", "/user"]
unchanged &= seen[60, False] == ["/token", "InvalidTokenError"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
