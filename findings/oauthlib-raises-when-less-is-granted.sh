#!/usr/bin/env bash
# oauthlib raises a Warning, and gives no token, if the server grants fewer scopes than were asked for.
#
# Guess: The server says what it granted: `"scope": "flattr"` where `flattr thing` was asked for. That is allowed, and
# the token is returned with the scope that it has; at most something is logged.
# What happens: The warning is raised as an exception, after the code has been used up, so the login is lost. Its class
# is Warning: who catches OAuth2Error, or filters warnings, does not catch it. The same for scopes with commas, as
# GitHub and others write them, and for an empty scope. The token is in the exception's attribute `token`;
# OAUTHLIB_RELAX_TOKEN_SCOPE in the environment is the way out. Authlib returns the token.
# Versions: oauthlib 4.0.1 with requests-oauthlib 2.0.0; authlib 1.9.10 for comparison.
# Source: run of this script; oauthlib/oauth2/rfc6749/parameters.py, `validate_token_parameters`; RFC 6749, 3.3: the
# server may ignore the scope in part, and says so.
# In this program: the granted scopes are kept with the token, with commas or blanks between them (api/oauth_login.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check oauthlib==4.0.1 requests-oauthlib==2.0.0 \
  requests==2.34.2 authlib==1.9.10
venv/bin/python - <<'PYTHON'
import http.server, json, os, sys, threading, warnings

warnings.simplefilter("ignore")
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

scope = ""


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"access_token": "t", "token_type": "bearer", "scope": scope}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/token"


def log_in(session):
    try:
        return session.fetch_token(address, code="c", client_secret="s")["access_token"]
    except OAuth2Error as error:
        return f"OAuth2Error: {error}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"


seen = {}
for scope in ("thing flattr", "flattr", "flattr,thing", ""):
    sessions = OAuth2Session("c", scope=["flattr", "thing"]), AuthlibSession("c", scope="flattr thing")
    seen[scope] = [log_in(session) for session in sessions]
    print(f"granted {scope!r}: requests-oauthlib {seen[scope][0]}; Authlib {seen[scope][1]}")
unchanged = all(by_authlib == "t" for _, by_authlib in seen.values()) and seen["thing flattr"][0] == "t"
unchanged &= all(seen[scope][0].startswith("Warning: Scope has changed") for scope in ("flattr", "flattr,thing", ""))

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
