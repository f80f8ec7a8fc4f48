#!/usr/bin/env bash
# A mocked `/things` also answers `/things?page=2`, in respx and in responses.
#
# Guess: A mock answers the address that it was given; a test of a client that asks for the second page fails if only
# the first is mocked. Of two routes, the one that names a parameter is preferred.
# What happens: An address without a query stands for any query, so the test of a pager that forgets its parameters
# passes. In respx the route that was added first wins, so `params={'page': '2'}` behind the plain route is never used;
# responses gives the answer of the plain one to page 2 first, and only the second time that of the other.
# Versions: respx 0.23.1 with httpx 0.28.1; responses 0.26.3 with requests 2.34.2.
# Source: run of this script; https://lundberg.github.io/respx/guide/#routing-requests,
# https://github.com/getsentry/responses#matching-query-parameters.
# In this program: tests ask the sandbox, a whole server.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check respx==0.23.1 httpx==0.28.1 responses==0.26.3 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import httpx, requests, respx, responses

ADDRESS = "http://example.org/things"


@respx.mock(assert_all_called=False)
def by_respx(respx_mock):
    respx_mock.get(ADDRESS).respond(text="first")
    respx_mock.get(ADDRESS, params={"page": "2"}).respond(text="second")
    return [httpx.get(ADDRESS + query).text for query in ("?page=2", "?page=2", "?page=99&sort=title")]


@responses.activate
def by_responses():
    responses.get(ADDRESS, body="first")
    responses.get(ADDRESS + "?page=2", body="second")
    return [requests.get(ADDRESS + "?page=2").text for _ in range(2)]


seen = by_respx(), by_responses()
print("respx, asked for page 2, 2, 99:", *seen[0])
print("responses, asked for page 2, 2:", *seen[1])
unchanged = seen == (["first"] * 3, ["first", "second"])

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
