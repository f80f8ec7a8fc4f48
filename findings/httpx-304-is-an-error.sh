#!/usr/bin/env bash
# raise_for_status of httpx raises for '304 Not Modified'.
#
# Guess: it raises for 4xx and 5xx, as requests' method of that name does: 304 is what a cache hopes for.
# What happens: HTTPStatusError 'Redirect response 304 Not Modified', for every 3xx, although `is_redirect` is false
# here, there is no Location, and follow_redirects does nothing about it.
# Versions: httpx 0.28.1; requests 2.34.2 for comparison.
# Source: run of this script; RFC 9110, 15.4.5.
# In this program: the status is looked at before errors are made: 304 means 'what is saved is still current'.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import httpx, requests, sys

response = httpx.Response(304, request=httpx.Request("GET", "http://127.0.0.1/"))
try:
    response.raise_for_status()
    said = ""
except httpx.HTTPStatusError as error:
    said = str(error).splitlines()[0]
print("httpx:", said or "no error", "| has_redirect_location", response.has_redirect_location)
other = requests.Response()
other.status_code = 304
other.raise_for_status()
print("requests: no error, ok is", other.ok)
unchanged = "304" in said and not response.has_redirect_location

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
