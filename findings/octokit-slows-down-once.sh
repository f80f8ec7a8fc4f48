#!/usr/bin/env bash
# Told to slow down, Octokit's device login waits once, and then asks each second again.
#
# Guess: A program that waits for a login on another device asks each `interval` seconds. `slow_down` makes that
# interval five seconds longer, from then on: so all libraries for RFC 8628 do it.
# What happens: @octokit/auth-oauth-device waits the interval and seven seconds once after `slow_down`; its next
# question comes a second after that, as at the beginning. If the server says `slow_down` each time that it's asked too
# early, every second question is refused. openid-client and requests_oauth2client ask each six seconds.
# Versions: @octokit/auth-oauth-device 8.0.5 with @octokit/request 10.0.16, openid-client 6.9.0 on Node 20;
# requests_oauth2client 1.8.0.
# Source: run of this script; dist-src/get-oauth-access-token.js: `verification.interval + 7`, which isn't kept; RFC
# 8628, 3.5: the interval MUST be increased by 5 seconds for this and all subsequent requests.
# In this program: the login is by a redirect, without polling (api/oauth_login.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check requests_oauth2client==1.8.0
npm install --silent --no-audit --no-fund @octokit/auth-oauth-device@8.0.5 @octokit/request@10.0.16 \
  openid-client@6.9.0 >/dev/null
cat >login.mjs <<'SCRIPT'
import {createOAuthDeviceAuth} from '@octokit/auth-oauth-device';
import {request} from '@octokit/request';
import * as client from 'openid-client';

const [origin] = process.argv.slice(2);
const byOctokit = createOAuthDeviceAuth({
  clientType: 'oauth-app',
  clientId: '1234567890abcdef1234',
  onVerification: () => undefined,
  request: request.defaults({baseUrl: `${origin}/octokit`}),
});
const endpoints = {
  issuer: `${origin}/openid-client`,
  token_endpoint: `${origin}/openid-client/token`,
  device_authorization_endpoint: `${origin}/openid-client/device`,
};
const configuration = new client.Configuration(endpoints, 'app', {}, client.None());
client.allowInsecureRequests(configuration);
await Promise.all([
  byOctokit({type: 'oauth'}),
  client.initiateDeviceAuthorization(configuration, {})
    .then(device => client.pollDeviceAuthorizationGrant(configuration, device)),
]);
SCRIPT
venv/bin/python - <<'PYTHON'
import json, subprocess, sys, threading, time, warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from requests_oauth2client import DeviceAuthorizationPollingJob, OAuth2Client

DEVICE = {"device_code": "d", "user_code": "U", "verification_uri": "https://h/", "expires_in": 900, "interval": 1}
TOKEN = {"access_token": "t", "token_type": "bearer", "scope": ""}
ERRORS = ["authorization_pending", "slow_down", "authorization_pending"]
asked = {}
warnings.simplefilter("ignore")


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer, status = DEVICE, 200
        if "/device" not in self.path:
            times = asked.setdefault(self.path.split("/")[1], [])
            times.append(time.monotonic())
            if len(times) <= len(ERRORS):
                answer, status = {"error": ERRORS[len(times) - 1]}, 400
            else:
                answer = TOKEN
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
origin = f"http://127.0.0.1:{server.server_port}"
polling = subprocess.Popen(["node", "login.mjs", origin])
by_python = OAuth2Client(
    f"{origin}/requests_oauth2client/token",
    device_authorization_endpoint=f"{origin}/requests_oauth2client/device",
    client_id="app",
    testing=True,
)
job = DeviceAuthorizationPollingJob(by_python, by_python.authorize_device(), interval=1)
while job() is None:
    pass
if polling.wait():
    sys.exit("A login failed.")
waited = {}
for name, times in asked.items():
    waited[name] = [round(after - before) for before, after in zip(times, times[1:])]
    print(f"{name}: seconds between the questions, slow_down behind the second: {waited[name]}")
unchanged = waited == {"octokit": [1, 8, 1], "openid-client": [1, 6, 6], "requests_oauth2client": [1, 6, 6]}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
