"""Tests of `flattr-tui get` with servers whose pages, encodings or bodies differ from the documentation."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.conftest import Flattr

Answer = Callable[[int, int], tuple[int, bytes]]
"""Takes the number and the size of an API page. Returns the response: status and body."""
THINGS: list[dict[str, Any]] = [{"type": "thing", "id": number, "title": f"Thing {number}"} for number in range(1, 251)]


class OddServer:
    """A server whose responses a test chooses: `answer` is the function that makes the response to every request."""

    def __init__(self) -> None:
        self.answer: Answer = lambda page, count: (200, b"[]")
        self.request_count = 0
        self.source = ""


@pytest.fixture
def server() -> Iterator[OddServer]:
    """A server on a port of 127.0.0.1. After 300 requests it fails, to end an endless loop."""
    server = OddServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.request_count += 1
            query = parse_qs(urlsplit(self.path).query)
            page, count = (int(query.get(name, ["1"])[0]) for name in ("page", "count"))
            status, body = server.answer(page, count) if server.request_count < 300 else (500, b"")
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http_server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.source = f"http://127.0.0.1:{http_server.server_port}/rest/v2"
    thread = threading.Thread(target=http_server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    http_server.shutdown()
    http_server.server_close()
    thread.join()


def json_response(items: list[Any]) -> tuple[int, bytes]:
    return 200, json.dumps(items).encode()


def cut_page(page: int, count: int) -> list[Any]:
    return THINGS[(page - 1) * count : page * count]


def parse_ids(out: str) -> list[int]:
    return [item["id"] for item in json.loads(out)]


def get_all_things(flattr: Flattr, server: OddServer, *more: str) -> Any:
    return flattr("--source", server.source, "get", "user-things", "username=ada", "--all", *more)


@pytest.mark.parametrize("cap", [2, 17, 20, 30, 37, 200, 1000])
def test_a_whole_list_is_fetched_with_any_page_size(flattr: Flattr, server: OddServer, cap: int) -> None:
    server.answer = lambda page, count: json_response(cut_page(page, cap))  # also more than the requested count
    ended = get_all_things(flattr, server)
    assert (ended.code, ended.err) == (0, "")
    assert parse_ids(ended.out) == [thing["id"] for thing in THINGS]


def test_pages_with_hidden_items_do_not_end_the_list(flattr: Flattr, server: OddServer) -> None:
    server.answer = lambda page, count: json_response([one for one in cut_page(page, min(count, 30)) if one["id"] % 13])
    ended = get_all_things(flattr, server)
    assert (ended.code, ended.err) == (0, "")
    assert parse_ids(ended.out) == [thing["id"] for thing in THINGS if thing["id"] % 13]


def test_a_missing_page_ends_the_list(flattr: Flattr, server: OddServer) -> None:
    server.answer = lambda page, count: json_response(cut_page(page, count)) if cut_page(page, count) else (404, b"{}")
    ended = get_all_things(flattr, server)
    assert (ended.code, ended.err, len(parse_ids(ended.out))) == (0, "", 250)


@pytest.mark.parametrize("cap", [10, 30])
def test_offline_the_list_ends_with_the_saved_pages(flattr: Flattr, server: OddServer, cap: int) -> None:
    server.answer = lambda page, count: json_response(cut_page(page, cap) if page * cap < 90 or cap > 10 else [])
    first = get_all_things(flattr, server)
    request_count = server.request_count
    again = flattr("--offline", "--source", server.source, "get", "user-things", "username=ada", "--all")
    assert again.code == 0
    assert server.request_count == request_count
    assert parse_ids(again.out) == (parse_ids(first.out) if cap > 10 else parse_ids(first.out)[:10])


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_server_that_ignores_page_numbers_gets_few_requests(flattr: Flattr, server: OddServer, form: str) -> None:
    served = iter(range(10_000))
    server.answer = lambda page, count: json_response([{**one, "seen": next(served)} for one in cut_page(1, 100)])
    ended = get_all_things(flattr, server, "--format", form)
    assert ended.code == 1
    assert "the server sends the same page for every number, so the list may be incomplete." in ended.line
    assert server.request_count == 3
    if form == "json":
        assert set(parse_ids(ended.out)) == set(range(1, 101))


def test_a_repeated_last_page_ends_the_list(flattr: Flattr, server: OddServer) -> None:
    server.answer = lambda page, count: json_response(cut_page(min(page, 5), 50))
    ended = get_all_things(flattr, server)
    assert (ended.code, ended.err, len(parse_ids(ended.out))) == (0, "", 250)
    assert server.request_count < 10


@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: b"\xef\xbb\xbf" + body,
        lambda body: body.decode().encode("utf-16"),
        lambda body: b'{"things": ' + body + b"}",
        lambda body: body.replace(b'"Thing 1"', b"NaN"),
        lambda body: body.replace(b'"Thing 1"', b'"\\ud800"'),
        lambda body: b"cb(" + body + b");",
    ],
)
def test_unusual_json_is_read(flattr: Flattr, server: OddServer, spoil: Callable[[bytes], bytes]) -> None:
    server.answer = lambda page, count: (200, spoil(json.dumps(cut_page(page, count)).encode()))
    ended = get_all_things(flattr, server)
    assert (ended.code, len(parse_ids(ended.out))) == (0, 250)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b"null", b"[1"])
def test_a_body_that_is_no_list_is_an_error_in_one_sentence(flattr: Flattr, server: OddServer, body: bytes) -> None:
    server.answer = lambda page, count: (200, body)
    ended = get_all_things(flattr, server)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.splitlines()[-1].endswith(".")
    assert "Traceback" not in ended.err


NO_ANSWERS = {
    "null": (b"null", "null"),
    "a text": (b'"down"', "a text"),
    "a number": (b"42", "a number"),
    "an error": (b'{"error":"oops","error_description":"No such luck"}', "No such luck."),
    "errors": (b'{"errors":[{"message":"No such luck"}]}', "No such luck."),
    "a failed status": (b'{"status":"error","message":"No such luck"}', "No such luck."),
    "another object": (b'{"message":"down for maintenance"}', "the response is"),
    "a parked domain": (b"<html><body>Buy this domain</body></html>", "an HTML page"),
    "plain words": (b"Buy this domain", "not JSON"),
    "nothing": (b"", "with an empty body"),
    "other records": (b"[1, null]", "the response is"),
}


ARGUMENTS = {
    "user": ["username=ada"],
    "user-flattrs": ["username=ada"],
    "user-activities": ["username=ada"],
    "search": ["query=a"],
    "thing": ["id=5"],
    "lookup": ["url=https://a.example/"],
    "categories": [],
}
MAY_BE_CATEGORIES = {"another object", "other records"}
CASES = [
    (answer, method, *more)
    for answer in NO_ANSWERS
    for method in ARGUMENTS
    for more in ([[], ["--all"]] if method in {"user-flattrs", "search"} else [[]])
    if method != "categories" or answer not in MAY_BE_CATEGORIES
]


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_a_status_200_without_a_flattr_response_is_an_error(
    flattr: Flattr, server: OddServer, case: tuple[str, ...]
) -> None:
    answer, method, *more = case
    body, words = NO_ANSWERS[answer]
    server.answer = lambda page, count: (200, body)
    ended = flattr("--source", server.source, "get", method, *ARGUMENTS[method], *more)
    assert ended.code == 1
    assert words in ended.line
    assert ended.out == ""
