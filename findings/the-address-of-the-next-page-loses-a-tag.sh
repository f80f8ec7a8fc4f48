#!/usr/bin/env bash
# With `page=2` added to `?tag=a&tag=b`, url-parse keeps one tag, and express-paginate writes `tag[0]` and `tag[1]`.
#
# Guess: Who adds a parameter to an address leaves the others as they are: two tags stay two, `%2C` stays apart from a
# comma, and a `#` stays behind.
# What happens: url-parse, asked to parse the query, keeps the first of equal names. express-paginate writes lists with
# brackets and numbers, which Express 5 itself doesn't read as a list any more: the next page is one without tags. If no
# page was asked for, the next is `page=NaN`, as what it writes into `query` is gone in Express 5. ufo makes a comma of
# `%2C`, url-join puts the query behind the `#`, where it isn't sent, and Starlette's include_query_params makes one
# text `['a', 'b']` of a list. query-string, urijs, Django REST framework and fastapi-pagination keep both tags and the
# comma.
# Versions: url-parse 1.5.10, express-paginate 1.0.2 with express 5.3.0, ufo 1.6.4, url-join 5.2.0, query-string 9.5.1,
# urijs 1.19.11 on Node 20; starlette 1.10.0, djangorestframework 3.18.3 with django 5.2.19, fastapi-pagination 0.16.1.
# Source: run of this script; RFC 3986, 3.4: a query ends at `#`, and 2.2; Express 5 documents `simple` as its parser of
# queries.
# In this program: each page is asked for by its own parameters, which are put together anew (model/api_request.py).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/python -m pip install -qq --disable-pip-version-check starlette==1.10.0 djangorestframework==3.18.3 \
  django==5.2.19 fastapi-pagination==0.16.1 fastapi==0.165.0 httpx==0.28.1
npm install --silent --no-audit --no-fund url-parse@1.5.10 express-paginate@1.0.2 express@5.3.0 ufo@1.6.4 \
  url-join@5.2.0 query-string@9.5.1 urijs@1.19.11 >/dev/null
cat >add.mjs <<'SCRIPT'
import express from 'express';
import paginate from 'express-paginate';
import queryString from 'query-string';
import {withQuery} from 'ufo';
import URI from 'urijs';
import joinAddress from 'url-join';
import UrlParse from 'url-parse';

const [address] = process.argv.slice(2);
const byUrlParse = new UrlParse(address, true);
byUrlParse.query.page = 2;
const app = express().use(paginate.middleware(1, 5));
app.get('/x', (request, response) => response.json([request.query.tag ?? [], response.locals.paginate.href()]));
const server = app.listen(0, '127.0.0.1');
await new Promise(done => server.once('listening', done));
const ask = async path => (await fetch(`http://127.0.0.1:${server.address().port}${path}`)).json();
const [, next] = await ask('/x?tag=a&tag=b&limit=1');
console.log(JSON.stringify({
  'url-parse': byUrlParse.toString(),
  'express-paginate': next,
  'express-paginate, tags of the next page': (await ask(next))[0],
  'ufo': withQuery(address, {page: 2}),
  'url-join': joinAddress(address, '?page=2'),
  'query-string': queryString.stringifyUrl({url: address, query: {page: 2}}, {sort: false}),
  'urijs': URI(address).addQuery({page: 2}).toString(),
}));
process.exit();
SCRIPT
venv/bin/python -W ignore - <<'PYTHON'
import json, subprocess, sys
import django
from django.conf import settings
from django.test import RequestFactory
from fastapi import FastAPI
from fastapi.testclient import TestClient
from fastapi_pagination import add_pagination, paginate
from fastapi_pagination.links import Page
from starlette.datastructures import URL

settings.configure(ALLOWED_HOSTS=["*"], INSTALLED_APPS=["rest_framework"])
django.setup()
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

ADDRESS = "https://h/x?tag=a&tag=b&q=a%2Cb#top"
app = FastAPI()


@app.get("/x")
def things() -> Page[int]:
    return paginate([1, 2, 3])


add_pagination(app)
node = subprocess.run(["node", "add.mjs", ADDRESS], capture_output=True, text=True, check=True).stdout
seen = json.loads(node)
seen["Starlette, a list"] = str(URL("https://h/x").include_query_params(tag=["a", "b"]))
pages = PageNumberPagination()
pages.page_size = 1
pages.paginate_queryset([1, 2, 3], Request(RequestFactory().get("/x?tag=a&tag=b&q=a%2Cb")))
seen["Django REST framework"] = pages.get_next_link()
seen["fastapi-pagination"] = TestClient(app).get("/x?tag=a&tag=b&q=a%2Cb&size=1").json()["links"]["next"]
for name, found in seen.items():
    print(f"{name}: {found}")
unchanged = seen.pop("url-parse") == "https://h/x?tag=a&q=a%2Cb&page=2#top"
unchanged &= seen.pop("express-paginate") == "/x?tag%5B0%5D=a&tag%5B1%5D=b&limit=1&page=NaN"
unchanged &= seen.pop("express-paginate, tags of the next page") == []
unchanged &= seen.pop("ufo") == "https://h/x?tag=a&tag=b&q=a,b&page=2#top"
unchanged &= seen.pop("url-join") == "https://h/x?tag=a&tag=b&q=a%2Cb#top?page=2"
unchanged &= seen.pop("Starlette, a list") == "https://h/x?tag=%5B%27a%27%2C+%27b%27%5D"
unchanged &= len(seen) == 4 and all("tag=a&tag=b" in found and "q=a%2Cb" in found for found in seen.values())

if not unchanged:
    sys.exit("This has changed.")
print("As described.")
PYTHON
