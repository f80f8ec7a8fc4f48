#!/usr/bin/env bash
# A page of an API that fastapi-cache has stored comes back without its link to the next page, and with status 200.
#
# Guess: `@cache(expire=60)` gives the second client what the first one got: status, fields such as `Link` and
# `X-Total-Count`, and body. Two addresses that differ in a parameter have two entries.
# What happens: The value that the function returned is stored alone. Fields and a status that the handler set on
# `response` come with the first answer, and with no other until it expires, so a client that follows Link stops after a
# page, though only if somebody asked before. Parameters count if FastAPI passes them as arguments; a handler that takes
# them from `request.query_params` gives the first page to all.
# Versions: fastapi-cache2 0.2.2 with fastapi 0.163.2 and starlette 0.52.1.
# Source: run of this script; fastapi_cache/decorator.py stores what the coder makes of the function's value.
# In this program: a stored answer has its status and its ETag (store/stored_response.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check fastapi-cache2==0.2.2 fastapi==0.163.2 starlette==0.52.1 \
  httpx==0.28.1 jinja2==3.1.6
venv/bin/python -W ignore - <<'PYTHON'
import sys
from fastapi import FastAPI, Request, Response
from fastapi.testclient import TestClient
from fastapi_cache import FastAPICache
from fastapi_cache.backends.inmemory import InMemoryBackend
from fastapi_cache.decorator import cache

FastAPICache.init(InMemoryBackend())
app = FastAPI()


@app.get("/things")
@cache(expire=60)
async def read_things(response: Response, page: int = 1):
    response.headers["Link"] = f'</things?page={page + 1}>; rel="next"'
    response.status_code = 206
    return [page]


@app.get("/users")
@cache(expire=60)
async def read_users(request: Request):
    return [request.query_params["page"]]


client = TestClient(app)
seen = [client.get("/things?page=1") for _ in range(2)]
for response in seen:
    print("/things:", response.status_code, response.headers.get("Link"), response.json())
pages = [client.get(f"/things?page={page}").json() for page in (1, 2)]
users = [client.get(f"/users?page={page}").json() for page in (1, 2)]
print("two pages of /things:", *pages, "of /users:", *users)
first, second = [(response.status_code, response.headers.get("Link"), response.json()) for response in seen]
unchanged = first == (206, '</things?page=2>; rel="next"', [1]) and second == (200, None, [1])
unchanged &= pages == [[1], [2]] and users == [["1"], ["1"]]

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
