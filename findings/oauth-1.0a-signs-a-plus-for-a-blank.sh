#!/usr/bin/env bash
# oauth-1.0a signs `?q=a+b` as a query for `a+b`, so the server, which reads `a b`, refuses the signature.
#
# Guess: What OAuth 1 signs is settled by RFC 5849, with an example: whoever signs an address makes the same text of it.
# URLSearchParams, axios and forms write a blank as `+`.
# What happens: oauth-1.0a decodes a query by decodeURIComponent, which leaves `+` alone, and doesn't decode names, so
# `page%5Bnumber%5D=2` is signed with its name escaped twice. It also signs the host and the port as they are written:
# `EXAMPLE.com:443`, where the RFC wants `example.com`. `%20`, `,` and two equal names are right. Of two equal names
# oauth (npm) makes `tag[0]` and `tag[1]`, and signs the rest well; oauthlib and Authlib sign all as the RFC says.
# Versions: oauth-1.0a 2.2.6 and oauth 0.10.2 on Node 20; oauthlib 4.0.1, authlib 1.9.10.
# Source: run of this script; oauth-1.0a's deParam; RFC 5849, 3.4.1.2 (host in lowercase, without a default port) and
# 3.4.1.3.1 (the query is read as application/x-www-form-urlencoded, names decoded).
# In this program: OAuth 2 only; addresses aren't signed (api/).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check oauthlib==4.0.1 authlib==1.9.10
npm install --silent --no-audit --no-fund oauth-1.0a@2.2.6 oauth@0.10.2 >/dev/null
cat >sign.cjs <<'SCRIPT'
const crypto = require('node:crypto');
const oauth = require('oauth');
const OAuth = require('oauth-1.0a');

const sign = (text, key) => crypto.createHmac('sha1', key).update(text).digest('base64');
const first = new OAuth({consumer: {key: 'app', secret: 'one'}, signature_method: 'HMAC-SHA1', hash_function: sign});
first.getNonce = () => 'nonce';
first.getTimeStamp = () => 1367392089;
const second = new oauth.OAuth(null, null, 'app', 'one', '1.0', null, 'HMAC-SHA1');
second._getNonce = () => 'nonce';
second._getTimestamp = () => 1367392089;
const headers = process.argv.slice(2).map(url => ({
  'oauth-1.0a': first.toHeader(first.authorize({url, method: 'GET'}, {key: 'ada', secret: 'two'})).Authorization,
  'oauth': second.authHeader(url, 'ada', 'two', 'GET'),
}));
console.log(JSON.stringify(headers));
SCRIPT
venv/bin/python - <<'PYTHON'
import base64, hmac, json, re, subprocess, sys
from urllib.parse import unquote
import oauthlib.oauth1
from authlib.oauth1.rfc5849 import client_auth
from oauthlib.oauth1.rfc5849 import signature

ADDRESSES = [
    "https://example.com/x?q=a%20b",
    "https://example.com/x?tag=a&tag=b",
    "https://example.com/x?tags=a,b",
    "https://example.com/x?q=a+b",
    "https://example.com/x?page%5Bnumber%5D=2",
    "https://EXAMPLE.com:443/x",
]
KEYS = ("app", "one", "ada", "two")
client_auth.generate_nonce = lambda: "nonce"
client_auth.generate_timestamp = lambda: "1367392089"


def expected(address, header):
    fields = [(name, unquote(value)) for name, value in re.findall(r'(oauth_\w+)="([^"]*)"', header)]
    fields = [field for field in fields if field[0] != "oauth_signature"]
    query = address.partition("?")[2]
    pairs = signature.collect_parameters(query, exclude_oauth_signature=False) + fields
    parts = ["GET", signature.base_string_uri(address), signature.normalize_parameters(pairs)]
    text = "&".join(part if part == "GET" else signature.utils.escape(part) for part in parts)
    return base64.b64encode(hmac.digest(b"one&two", text.encode(), "sha1")).decode()


node = subprocess.run(["node", "sign.cjs", *ADDRESSES], capture_output=True, text=True, check=True).stdout
right = {}
for address, headers in zip(ADDRESSES, json.loads(node), strict=True):
    by_oauthlib = oauthlib.oauth1.Client(*KEYS, nonce="nonce", timestamp="1367392089").sign(address)[1]
    by_authlib = client_auth.ClientAuth(*KEYS).prepare("GET", address, {}, "")[1]
    headers |= {"oauthlib": by_oauthlib["Authorization"], "Authlib": by_authlib["Authorization"]}
    for name, header in headers.items():
        signed = unquote(re.search('oauth_signature="([^"]*)"', header)[1])
        right.setdefault(name, []).append(signed == expected(address, header))
for name, fits in right.items():
    others = [address for address, fit in zip(ADDRESSES, fits, strict=True) if not fit]
    print(f"{name}: does not fit:", others or "none")
unchanged = right.pop("oauth-1.0a") == [True] * 3 + [False] * 3 and right.pop("oauth") == [True, False] + [True] * 4
unchanged &= all(all(fits) for fits in right.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
