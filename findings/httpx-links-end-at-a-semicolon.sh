#!/usr/bin/env bash
# httpx does not find the next page behind a title with a semicolon, and cuts an address at one.
#
# Guess: `response.links['next']` is the link with that relation: a quoted title may hold any character, and so may the
# address between `<` and `>`. `rel="next last"` is found under both names.
# What happens: The header is split at commas before `<`, then at every semicolon, then at every equals sign; the first
# part that is no pair ends the reading. A title with `;` or `=` hides the `rel` behind it, an address loses what
# follows its first `;`, `, <` in a title makes a link out of it, and two relations are one key with a space. A client
# that follows `next` believes it's on the last page.
# Versions: httpx 0.28.1; requests 2.34.2 does the same.
# Source: run of this script; RFC 8288, 3 and 3.3 (relation types are separated by spaces, values may be quoted).
# In this program: no Link header is read; where a list ends is found by its pages (library/fetch/paginator.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check httpx==0.28.1 requests==2.34.2
python=venv/bin/python
"$python" - <<'PYTHON'
import sys
import httpx, requests

HEADERS = {
    "plain": '<https://h/2>; rel="next"',
    "a title with ;": '<https://h/2>; title="Page; two"; rel="next"',
    "a title with =": '<https://h/2>; title="a=b"; rel="next"',
    "a title with , <": '<https://h/2>; rel="next"; title="a, <b"',
    "two relations": '<https://h/2>; rel="next last"',
    "an address with ;": '<https://h/2;v=1>; rel="next"',
}
by_httpx, by_requests = {}, {}
for name, header in HEADERS.items():
    links = httpx.Response(200, headers={"Link": header}).links
    by_httpx[name] = {relation: link["url"] for relation, link in links.items()}
    response = requests.Response()
    response.headers["Link"] = header
    by_requests[name] = {relation: link["url"] for relation, link in response.links.items()}
    print(f"{name}: {by_httpx[name]}")
unchanged = by_httpx == by_requests == {
    "plain": {"next": "https://h/2"},
    "a title with ;": {"https://h/2": "https://h/2"},
    "a title with =": {"https://h/2": "https://h/2"},
    "a title with , <": {"next": "https://h/2", "b": "b"},
    "two relations": {"next last": "https://h/2"},
    "an address with ;": {"next": "https://h/2"},
}

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
