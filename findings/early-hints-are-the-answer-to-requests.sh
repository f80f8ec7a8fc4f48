#!/usr/bin/env bash
# requests takes `103 Early Hints` for the answer: no error, no body, and the page is never read.
#
# Guess: A client passes over the preliminary responses, 100, 102 and 103, and gives the one that follows. Servers and
# CDNs have sent 103 with `Link` fields since 2017, so this is long done.
# What happens: requests, urllib3 and httplib2 return the 103 with an empty text. `ok` is true and `raise_for_status`
# raises nothing, as 103 isn't an error; `.json()` fails. urllib.request raises HTTPError 103. All of them are built on
# http.client, which skips 100 alone. httpx, aiohttp and Tornado give the 200.
# Versions: requests 2.34.2 with urllib3 2.8.0, httplib2 0.32.1, on Python 3.11; httpx 0.28.1, aiohttp 3.14.5 and
# tornado 6.6.1 for comparison.
# Source: run of this script; http/client.py, HTTPResponse.begin: `if status != CONTINUE: break`; RFC 9110, 15.2: a
# client MUST be able to parse one or more 1xx responses received prior to a final response, even if it expects none.
# In this program: the client is httpx, whose h11 skips them; `import` skips them in what curl printed
# (library/import_export/http_transcript.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check requests==2.34.2 urllib3==2.8.0 httplib2==0.32.1 \
  httpx==0.28.1 aiohttp==3.14.5 tornado==6.6.1
venv/bin/python - <<'PYTHON'
import asyncio, socket, sys, threading, urllib.error, urllib.request
import aiohttp, httplib2, httpx, requests, urllib3
from tornado.httpclient import AsyncHTTPClient

HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}'
listener = socket.create_server(("127.0.0.1", 0))
ADDRESS = f"http://127.0.0.1:{listener.getsockname()[1]}/"


def answer(connection):
    seen = b""
    with connection:
        while piece := connection.recv(65536):
            seen += piece
            if seen.endswith(b"\r\n\r\n"):
                connection.sendall(HINTS + ANSWER)
                seen = b""


def serve():
    while True:
        threading.Thread(target=answer, args=listener.accept()[:1], daemon=True).start()


def by_urllib():
    try:
        with urllib.request.urlopen(ADDRESS) as response:
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, b""


def by_urllib3():
    response = urllib3.request("GET", ADDRESS)
    return response.status, response.data


def by_requests():
    response = requests.get(ADDRESS)
    response.raise_for_status()
    return response.status_code, response.content


def by_httplib2():
    response, body = httplib2.Http().request(ADDRESS)
    return response.status, body


def by_httpx():
    response = httpx.get(ADDRESS)
    return response.status_code, response.content


async def by_aiohttp():
    async with aiohttp.ClientSession() as session, session.get(ADDRESS) as response:
        return response.status, await response.read()


async def by_tornado():
    response = await AsyncHTTPClient().fetch(ADDRESS)
    return response.code, response.body


threading.Thread(target=serve, daemon=True).start()
seen = {
    "urllib.request": by_urllib(),
    "urllib3": by_urllib3(),
    "requests": by_requests(),
    "httplib2": by_httplib2(),
    "httpx": by_httpx(),
    "aiohttp": asyncio.run(by_aiohttp()),
    "Tornado": asyncio.run(by_tornado()),
}
for name, (status, body) in seen.items():
    print(f"{name}: {status}, {body}")
unchanged = [name for name, got in seen.items() if got == (103, b"")] == list(seen)[:4]
unchanged &= [name for name, got in seen.items() if got == (200, b'{"a":1}')] == list(seen)[4:]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
