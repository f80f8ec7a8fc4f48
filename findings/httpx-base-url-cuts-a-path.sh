#!/usr/bin/env bash
# With a base_url, httpx asks for another page than `tag:news` or `//news`, and writes a path into a query.
#
# Guess: the address is resolved against `base_url` by RFC 3986, or the two are put together as text. An address that
# is neither is refused.
# What happens: what stands before a colon in the first part is dropped as a scheme, and what stands between two
# slashes as a host, so `tag:news` and `//tag/news` both ask for `/news`. A `base_url` with a query gets the path
# behind that query.
# Versions: httpx 0.28.1.
# Source: run of this script. RFC 3986, 4.2 asks for `./tag:news`, which works.
# In this program: `base_url` is not used; paths begin with a slash, and their parameters are percent-encoded.
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


def ask(base, path):
    return str(httpx.Client(base_url=base).build_request("GET", path).url)


PLAIN, KEYED = "https://example.org/v2", "https://example.org/v2?key=1"
seen = [ask(PLAIN, "tag:news"), ask(PLAIN, "./tag:news"), ask(PLAIN, "//tag/news"), ask(KEYED, "news")]
print("tag:news, ./tag:news, //tag/news:", seen[:3])
print("news, below a base_url with a query:", seen[3])
unchanged = seen == [PLAIN + "/news", PLAIN + "/tag:news", PLAIN + "/news", KEYED + "/news"]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
