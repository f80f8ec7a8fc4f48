"""Tests of the import of recordings: cassettes of tests, stubs of mock servers, and reports of runners.

The files are made up. They have the same form as files that the named programs have written about a sandbox.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import import_files
from flattr_tui.store.response_store import ResponseStore
from tests.library.saved_files import BASE, DAY_SECONDS

ADDRESS = f"{BASE}/users/ada/flattrs?count=5"
FLATTRS = [
    {
        "type": "flattr",
        "created_at": 1_399_000_000,
        "owner": {"type": "user", "username": "ada"},
        "thing": {"type": "thing", "id": 7, "title": "Ü", "url": "https://a.example/"},
    }
]
TEXT = json.dumps(FLATTRS)
PACKED = base64.b64encode(TEXT.encode()).decode()
ESCAPED = TEXT.replace("\\", "\\\\")
DATE = "Tue, 06 May 2014 07:08:09 GMT"
HEADERS = {"Date": DATE, "Content-Type": "application/json"}
SPLIT = {
    "protocol": "https",
    "port": "443",
    "host": ["api", "flattr", "com"],
    "path": ["rest", "v2", "users", "ada", "flattrs"],
    "query": [{"key": "count", "value": "5"}],
}
LISTED = [{"key": name, "value": value} for name, value in HEADERS.items()]
PATH = "/rest/v2/users/ada/flattrs"
SENT = {"method": "GET", "headers": {"Authorization": "Bearer planted-secret"}, "body": "planted-secret"}


def as_json(value: Any) -> str:
    return json.dumps(value)


RECORDINGS = {
    "VCR 1": f"""---
- !ruby/struct:VCR::HTTPInteraction
  request: !ruby/struct:VCR::Request
    method: :get
    uri: {ADDRESS}
    body:
    headers:
      authorization:
      - Bearer planted-secret
  response: !ruby/struct:VCR::Response
    status: !ruby/struct:VCR::ResponseStatus
      code: 200
      message: OK
    headers:
      date:
      - {DATE}
    body: '{TEXT}'
    http_version: "1.1"
""",
    "schemathesis": f"""command: 'st run http://127.0.0.1:8080/openapi.json'
recorded_with: 'Schemathesis 4.32.5'
http_interactions:
- id: '2gJrhP'
  recorded_at: '2014-05-06T07:08:09+00:00'
  request:
    uri: '{ADDRESS}'
    method: 'GET'
    headers:
      "Authorization":
      - "planted-secret"
  response:
    status:
      code: '200'
      message: "OK"
    body:
      encoding: 'utf-8'
      string: '{TEXT}'
""",
    "Betamax (Groovy)": f"""!tape
name: flattrs
interactions:
- recorded: 2014-05-06T07:08:09.000Z
  request:
    method: GET
    uri: {ADDRESS}
    headers: {{Authorization: planted-secret}}
  response:
    status: 200
    headers: {{Content-Type: application/json}}
    body: !!binary |-
      {PACKED}
""",
    "PHP-VCR": f"""
-
    request:
        method: GET
        url: '{ADDRESS}'
        headers:
            Authorization: planted-secret
    response:
        status:
            http_version: '1.1'
            code: '200'
            message: OK
        headers:
            Date: '{DATE}'
        body: '{TEXT}'
""",
    "vcrpy 0.3": f"""- request: !!python/object:vcr.request.Request
    body: null
    headers: !!python/object/apply:__builtin__.frozenset
    - - !!python/tuple [authorization, planted-secret]
    method: GET
    uri: {ADDRESS}
  response:
    body: {{string: !!python/unicode '{TEXT}'}}
    headers:
      date: ['{DATE}']
    status: {{code: 200, message: OK}}
""",
    "go-vcr 1": f"""---
version: 1
interactions:
- request:
    body: ""
    form: {{}}
    headers:
      Authorization:
      - planted-secret
    url: {ADDRESS}
    method: GET
  response:
    body: '{TEXT}'
    headers:
      Date:
      - {DATE}
    status: 200 OK
    code: 200
    duration: ""
""",
    "httpretty": as_json(
        [{"request": {**SENT, "uri": ADDRESS}, "response": {"status": 200, "body": TEXT, "headers": HEADERS}}]
    ),
    "nock, printed": f"""
nock('https://api.flattr.com:443', {{"encodedQueryParams":true}})
  .get('{PATH}')
  .query({{"count":"5"}})
  .reply(200, {TEXT}, [ 'Date',
  '{DATE}',
  'Set-Cookie',
  'planted-secret' ]);
""",
    "axios-vcr": as_json(
        {
            "2d6ae7": {
                "meta": {**SENT, "url": ADDRESS, "method": "get"},
                "fixture": True,
                "originalResponseData": {"status": 200, "statusText": "OK", "headers": HEADERS, "data": FLATTRS},
            }
        }
    ),
    "mountebank": as_json(
        {
            "imposters": [
                {
                    "protocol": "http",
                    "stubs": [
                        {
                            "predicates": [
                                {"deepEquals": {"path": PATH}},
                                {"deepEquals": {"query": {"count": "5"}}},
                            ],
                            "responses": [{"is": {"statusCode": 200, "headers": HEADERS, "body": FLATTRS}}],
                        }
                    ],
                }
            ]
        }
    ),
    "WireMock": as_json(
        {
            "mappings": [
                {
                    "request": {"url": f"{PATH}?count=5", "method": "GET"},
                    "response": {"headers": HEADERS, "base64Body": PACKED},
                }
            ]
        }
    ),
    "WireMock, jsonBody": as_json(
        {
            "request": {"url": f"{PATH}?count=5", "method": "GET"},
            "response": {"status": 200, "headers": HEADERS, "jsonBody": FLATTRS},
        }
    ),
    "Hoverfly": as_json(
        {
            "data": {
                "pairs": [
                    {
                        "request": {
                            "method": [{"matcher": "exact", "value": "GET"}],
                            "path": [{"matcher": "exact", "value": PATH}],
                            "query": {"count": [{"matcher": "exact", "value": "5"}]},
                        },
                        "response": {
                            "status": 200,
                            "body": PACKED,
                            "encodedBody": True,
                            "headers": {"Date": [DATE]},
                        },
                    }
                ]
            }
        }
    ),
    "MockServer": as_json(
        [
            {
                "httpRequest": {"method": "GET", "path": PATH, "queryStringParameters": {"count": ["5"]}},
                "httpResponse": {"statusCode": 200, "headers": HEADERS, "body": {"type": "JSON", "json": TEXT}},
            }
        ]
    ),
    "Postman 1": as_json(
        {
            "id": "x",
            "requests": [
                {
                    "url": ADDRESS,
                    "method": "GET",
                    "headers": "Authorization: planted-secret",
                    "responses": [{"responseCode": {"code": 200, "name": "OK"}, "headers": LISTED, "text": TEXT}],
                }
            ],
        }
    ),
    "newman": as_json(
        {
            "collection": {"item": [{"name": "a", "request": {"url": SPLIT}, "response": []}]},
            "run": {
                "executions": [
                    {
                        "request": {"method": "GET", "url": SPLIT},
                        "response": {
                            "code": 200,
                            "status": "OK",
                            "header": LISTED,
                            "stream": {"type": "Buffer", "data": list(TEXT.encode())},
                        },
                    }
                ]
            },
        }
    ),
    "hishel 0": as_json(
        {
            "response": {"status": 200, "headers": list(HEADERS.items()), "content": PACKED, "extensions": {}},
            "request": {"method": "GET", "url": ADDRESS, "headers": [["Authorization", "planted-secret"]]},
            "metadata": {"cache_key": "6b51", "number_of_uses": 0, "created_at": DATE},
        }
    ),
    "hishel 0, YAML": f"""response:
  status: 200
  headers:
  - - content-type
    - application/json
  content: {PACKED}
  extensions:
    http_version: HTTP/1.1
request:
  method: GET
  url: {ADDRESS}
  headers:
  - - Authorization
    - planted-secret
metadata:
  number_of_uses: 0
  created_at: {DATE}
""",
    "requests-cache": as_json(
        {
            "created_at": "2014-05-06T07:08:09.000000+00:00",
            "headers": {"content-type": "application/json"},
            "request": {**SENT, "url": ADDRESS},
            "status_code": 200,
            "url": ADDRESS,
            "_decoded_content": FLATTRS,
        }
    ),
    "requests-cache, YAML": f"""_content: !!binary |
  {PACKED}
created_at: '2014-05-06T07:08:09.000000+00:00'
headers:
  content-type: application/json
request:
  headers:
    Authorization: planted-secret
  method: GET
  url: {ADDRESS}
status_code: 200
url: {ADDRESS}
""",
    "talkback": f"""{{
    meta: {{
        createdAt: '2014-05-06T07:08:09.000Z',
        host: 'https://api.flattr.com',
        resHumanReadable: true,
    }},
    req: {{
        headers: {{
            authorization: 'planted-secret',
        }},
        url: '{PATH}?count=5',
        method: 'GET',
        body: '',
    }},
    res: {{
        status: 200,
        headers: {{
            'content-type': [
                'application/json',
            ],
        }},
        body: '{ESCAPED}',
    }},
}}
""",
    "Charles": as_json(
        [
            {
                "status": "COMPLETE",
                "method": "GET",
                "scheme": "https",
                "host": "api.flattr.com",
                "actualPort": 443,
                "path": PATH,
                "query": "count=5",
                "times": {"start": "2014-05-06T09:08:09.000+02:00"},
                "request": {"header": {"headers": [{"name": "Authorization", "value": "planted-secret"}]}},
                "response": {
                    "status": 200,
                    "header": {"firstLine": "HTTP/1.1 200 OK", "headers": [{"name": "X-A", "value": "b"}]},
                    "body": {"encoding": "base64", "encoded": PACKED},
                },
            }
        ]
    ),
    "Hoppscotch": as_json(
        {
            "v": 11,
            "name": "Flattr",
            "requests": [
                {
                    "endpoint": f"https://api.flattr.com{PATH}",
                    "method": "GET",
                    "responses": {
                        "flattrs": {
                            "name": "flattrs",
                            "originalRequest": {
                                "endpoint": f"https://api.flattr.com{PATH}",
                                "method": "GET",
                                "params": [
                                    {"key": "count", "value": "5", "active": True},
                                    {"key": "page", "value": "2", "active": False},
                                ],
                                "headers": [{"key": "Authorization", "value": "planted-secret", "active": True}],
                            },
                            "status": "OK",
                            "code": 200,
                            "headers": LISTED,
                            "body": TEXT,
                        }
                    },
                }
            ],
        }
    ),
    "Bruno": as_json(
        [
            {
                "results": [
                    {
                        "request": {**SENT, "url": ADDRESS},
                        "response": {"status": 200, "headers": HEADERS, "data": FLATTRS},
                    }
                ]
            }
        ]
    ),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def import_text(store: ResponseStore, tmp_path: Path, text: str) -> ImportOutcome:
    path = tmp_path / "saved"
    path.write_text(text, encoding="utf-8")
    return import_files(store, [path])


@pytest.mark.parametrize("program", RECORDINGS)
def test_a_recording_keeps_address_date_and_items(store: ResponseStore, tmp_path: Path, program: str) -> None:
    outcome = import_text(store, tmp_path, RECORDINGS[program])
    [saved] = store.iter_responses()
    assert (str(saved.request), saved.count, saved.fetched_at) == ("user-flattrs username=ada", 5, DAY_SECONDS)
    assert json.loads(saved.body) == FLATTRS
    assert (outcome.new, outcome.skipped_count) == (1, 0)


BILLION = "first: &a0 [0, 0, 0, 0, 0, 0, 0, 0, 0]\n" + "".join(
    f"{'b' * n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
)
LONG = f"first: &a0 {'x' * 9000}\nsecond: &a8 [{', '.join(['*a0'] * 9000)}]\n"


@pytest.mark.parametrize("multiplied", [BILLION, LONG, "first: &a8 [*a8]\n"], ids=["billion", "long", "in itself"])
def test_aliases_that_multiply_a_cassette_are_refused(store: ResponseStore, tmp_path: Path, multiplied: str) -> None:
    text = f"http_interactions:\n- request: {{uri: '{ADDRESS}'}}\n  response: {{body: *a8}}\n"
    outcome = import_text(store, tmp_path, f"---\n{multiplied}{text}")
    assert [one.reason for one in outcome.skipped] == ["a cassette that its aliases multiply, which no program writes"]


@pytest.mark.parametrize("value", ['!!int ""', "!!timestamp x", "!!float ''", "{[a]: 1}", "2014-99-99", "!!binary 'ü'"])
def test_a_value_that_its_tag_does_not_fit_is_no_crash(store: ResponseStore, tmp_path: Path, value: str) -> None:
    text = f"http_interactions:\n- request: {{uri: '{ADDRESS}'}}\n  response: {{body: {value}}}\n"
    outcome = import_text(store, tmp_path, text)
    assert [one.reason for one in outcome.skipped] == ["a cassette that is not valid YAML"]


def test_aliases_of_shared_headers_are_read(store: ResponseStore, tmp_path: Path) -> None:
    pair = f"- request: {{uri: '{ADDRESS}'}}\n  response: {{headers: %s, body: '{TEXT}'}}\n"
    text = "http_interactions:\n" + pair % f"&h {{date: '{DATE}'}}" + pair % "*h"
    import_text(store, tmp_path, text)
    assert [one.fetched_at for one in store.iter_responses()] == [DAY_SECONDS]


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ({"status": 200, "bodyFileName": "ada-1.json"}, "its body is in another file, 'ada-1.json': import that one"),
        ({"status": 404, "jsonBody": {"error": "not_found"}}, "the response was not successful (404)"),
        ({"status": 200, "stream": {"type": "Buffer", "data": [999]}}, "its body is broken"),
    ],
)
def test_a_recording_without_a_usable_body_is_reported(
    store: ResponseStore, tmp_path: Path, response: dict[str, Any], reason: str
) -> None:
    outcome = import_text(store, tmp_path, as_json({"request": {"url": f"{PATH}?count=5"}, "response": response}))
    assert (outcome.new, [reason in str(one) for one in outcome.skipped]) == (0, [True])
