#!/usr/bin/env bash
# A token that lives for 0 seconds lives for ever, in three libraries for OAuth.
#
# Guess: `"expires_in": 0` means that the token has ended, or the answer is refused. 0 and "0" mean the same.
# What happens: Authlib, oauthlib and requests-oauth2client keep no time of expiry, so the token is never renewed. The
# text "0" is the same to oauthlib, but to the other two it has ended at once. requests-oauth2client also keeps none
# for a value that it can't read as a whole number, such as 3600.5.
# Versions: authlib 1.9.10, oauthlib 4.0.1, requests-oauth2client 1.8.0.
# Source: run of this script; RFC 6749, 5.1 calls it the lifetime in seconds.
# In this program: 0 means no time of expiry as well; a server that refuses the token then asks for a new login.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check authlib==1.9.10 oauthlib==4.0.1 requests-oauth2client==1.8.0
python=venv/bin/python
"$python" - <<'PYTHON'
import json, sys, warnings

warnings.simplefilter("ignore")
from authlib.oauth2.rfc6749 import OAuth2Token
from oauthlib.oauth2.rfc6749.parameters import parse_token_response
from requests_oauth2client import BearerToken


def read(lifetime):
    answer = {"access_token": "x", "token_type": "Bearer", "expires_in": lifetime}
    by_authlib, by_oauthlib = OAuth2Token(dict(answer)), parse_token_response(json.dumps(answer))
    by_requests = BearerToken(access_token="x", expires_in=lifetime)
    return [bool(by_authlib.get("expires_at")), "expires_at" in by_oauthlib, by_requests.expires_at is not None]


seen = {json.dumps(lifetime): read(lifetime) for lifetime in (3600, 0, "0", 3600.5)}
print("Has it a time of expiry for Authlib, oauthlib, requests-oauth2client?")
for lifetime, has_end in seen.items():
    print(f"  expires_in {lifetime}:", has_end)
unchanged = seen["3600"] == [True] * 3 and seen["0"] == [False] * 3
unchanged &= seen['"0"'] == [True, False, True] and seen["3600.5"][2] is False

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
