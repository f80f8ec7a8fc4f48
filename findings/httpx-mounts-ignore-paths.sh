#!/usr/bin/env bash
# A transport that httpx mounts for one path of a host gets every request to that host.
#
# Guess: `mounts={'https://h/v2/': transport}` is used for addresses below that path, as in `Session.mount` of requests,
# where the longest prefix wins. Or a path is refused.
# What happens: Scheme, host and port are compared and the path is dropped, without an error. Of two mounts of one host,
# one for `/` and one for `/v2/`, the first in the dict answers all.
# Versions: httpx 0.28.1; requests 2.34.2 for comparison.
# Source: run of this script; https://www.python-httpx.org/advanced/transports/#mounting-transports lists schemes, hosts
# and ports.
# In this program: `mounts` is not used.
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
from requests.adapters import BaseAdapter

PATTERNS = ("https://h/", "https://h/v2/")


class Adapter(BaseAdapter):
    def __init__(self, name):
        self.name = name

    def send(self, request, **_):
        response = requests.Response()
        response.status_code, response._content = 200, self.name.encode()
        return response

    def close(self):
        pass


def transport(name):
    return httpx.MockTransport(lambda request: httpx.Response(200, text=name))


def by_httpx(*patterns):
    client = httpx.Client(mounts={pattern: transport(pattern) for pattern in patterns}, transport=transport("none"))
    return [client.get(address).text for address in ("https://h/", "https://h/v2/things")]


session = requests.Session()
for pattern in PATTERNS:
    session.mount(pattern, Adapter(pattern))
by_requests = [session.get(address).text for address in ("https://h/", "https://h/v2/things")]
both, one = by_httpx(*PATTERNS), by_httpx("https://h/v2/")
print("https://h/ and https://h/v2/things are answered by:")
print("requests:", by_requests, "| httpx:", both, "| httpx, with /v2/ alone:", one)
unchanged = by_requests == list(PATTERNS) and both == ["https://h/"] * 2 and one == ["https://h/v2/"] * 2

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
