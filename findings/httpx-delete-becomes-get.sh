#!/usr/bin/env bash
# httpx follows a redirected DELETE with a GET if the status is 302, and with a DELETE if it's 301.
#
# Guess: Of the methods only POST becomes GET, at 301 and at 302, as in browsers. PUT, PATCH and DELETE are sent again
# as they were, or the redirect is not followed.
# What happens: At 302 every method but HEAD becomes GET and the body is dropped; at 301 only POST does. A DELETE that a
# server moves from http to https by 302 ends with 200, and nothing was deleted; the response's request says GET.
# Versions: httpx 0.28.1 (requests does the same); Node 20's fetch sends DELETE.
# Source: run of this script; RFC 9110, 15.4.3 allows the change for POST;
# https://fetch.spec.whatwg.org/#http-redirect-fetch, step 12.
# In this program: api/client.py follows redirects itself: of a request that changes something none, and it says so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import httpx


def answer(request):
    if request.url.path == "/":
        return httpx.Response(200)
    return httpx.Response(int(request.url.path[1:]), headers={"Location": "/"})


client = httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True)
seen = {}
for method in ("POST", "PUT", "PATCH", "DELETE"):
    for status in (301, 302, 308):
        seen[method, status] = client.request(method, f"http://127.0.0.1/{status}", content=b"{}").request.method
    print(method, {status: seen[method, status] for status in (301, 302, 308)})
unchanged = all(seen[method, 302] == "GET" for method in ("POST", "PUT", "PATCH", "DELETE"))
unchanged &= seen["POST", 301] == "GET" and seen["DELETE", 301] == "DELETE" and seen["PUT", 301] == "PUT"

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
