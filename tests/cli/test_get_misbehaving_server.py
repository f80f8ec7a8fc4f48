"""`flattr-tui get` and servers that page, write or answer otherwise than documented."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.conftest import Flattr

Answer = Callable[[int, int], tuple[int, bytes]]
"""What a server answers for a page's number and size: a status and a body."""
THINGS: list[dict[str, Any]] = [{"type": "thing", "id": number, "title": f"Thing {number}"} for number in range(1, 251)]


class Odd:
    """A server whose every list is what `answer` says."""

    def __init__(self) -> None:
        self.answer: Answer = lambda page, count: (200, b"[]")
        self.asked = 0
        self.source = ""


@pytest.fixture
def odd() -> Iterator[Odd]:
    """Serve for as long as the test runs."""
    odd = Odd()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            odd.asked += 1
            said = parse_qs(urlsplit(self.path).query)
            page, count = (int(said.get(name, ["1"])[0]) for name in ("page", "count"))
            status, body = odd.answer(page, count) if odd.asked < 300 else (500, b"")
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    odd.source = f"http://127.0.0.1:{server.server_port}/rest/v2"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield odd
    server.shutdown()
    server.server_close()
    thread.join()


def written(items: list[Any]) -> tuple[int, bytes]:
    return 200, json.dumps(items).encode()


def part(page: int, count: int) -> list[Any]:
    return THINGS[(page - 1) * count : page * count]


def ids(out: str) -> list[int]:
    return [item["id"] for item in json.loads(out)]


def all_things(flattr: Flattr, odd: Odd, *more: str) -> Any:
    return flattr("--source", odd.source, "get", "user-things", "username=ada", "--all", *more)


@pytest.mark.parametrize("cap", [2, 17, 20, 30, 37, 200, 1000])
def test_all_of_a_list_comes_whatever_a_page_holds(flattr: Flattr, odd: Odd, cap: int) -> None:
    odd.answer = lambda page, count: written(part(page, cap))  # also more than was asked for
    ended = all_things(flattr, odd)
    assert (ended.code, ended.said) == (0, "")
    assert ids(ended.out) == [thing["id"] for thing in THINGS]


def test_pages_with_hidden_items_do_not_end_it(flattr: Flattr, odd: Odd) -> None:
    odd.answer = lambda page, count: written([one for one in part(page, min(count, 30)) if one["id"] % 13])
    ended = all_things(flattr, odd)
    assert (ended.code, ended.said) == (0, "")
    assert ids(ended.out) == [thing["id"] for thing in THINGS if thing["id"] % 13]


def test_a_page_that_is_not_there_ends_it_behind_a_short_one(flattr: Flattr, odd: Odd) -> None:
    odd.answer = lambda page, count: written(part(page, count)) if part(page, count) else (404, b"{}")
    ended = all_things(flattr, odd)
    assert (ended.code, ended.said, len(ids(ended.out))) == (0, "", 250)


@pytest.mark.parametrize("cap", [10, 30])
def test_offline_it_ends_where_what_is_saved_does(flattr: Flattr, odd: Odd, cap: int) -> None:
    odd.answer = lambda page, count: written(part(page, cap) if page * cap < 90 or cap > 10 else [])
    first = all_things(flattr, odd)
    asked = odd.asked
    again = flattr("--offline", "--source", odd.source, "get", "user-things", "username=ada", "--all")
    assert again.code == 0
    assert odd.asked == asked
    assert ids(again.out) == (ids(first.out) if cap > 10 else ids(first.out)[:10])


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_a_server_that_minds_no_page_is_not_asked_for_ever(flattr: Flattr, odd: Odd, form: str) -> None:
    served = iter(range(10_000))
    odd.answer = lambda page, count: written([{**one, "seen": next(served)} for one in part(1, 100)])
    ended = all_things(flattr, odd, "--format", form)
    assert ended.code == 1
    assert "the server sends the same page under each number; what came may not be all of the list." in ended.line
    assert odd.asked == 3
    if form == "json":
        assert set(ids(ended.out)) == set(range(1, 101))


def test_the_last_page_under_every_further_number_is_the_end(flattr: Flattr, odd: Odd) -> None:
    odd.answer = lambda page, count: written(part(min(page, 5), 50))
    ended = all_things(flattr, odd)
    assert (ended.code, ended.said, len(ids(ended.out))) == (0, "", 250)
    assert odd.asked < 10


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
def test_what_is_read_elsewhere_is_read_here(flattr: Flattr, odd: Odd, spoil: Callable[[bytes], bytes]) -> None:
    odd.answer = lambda page, count: (200, spoil(json.dumps(part(page, count)).encode()))
    ended = all_things(flattr, odd)
    assert (ended.code, len(ids(ended.out))) == (0, 250)


@pytest.mark.parametrize("body", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b"null", b"[1"])
def test_what_is_no_list_is_said_in_a_sentence(flattr: Flattr, odd: Odd, body: bytes) -> None:
    odd.answer = lambda page, count: (200, body)
    ended = all_things(flattr, odd)
    assert (ended.code, ended.out) == (1, "")
    assert ended.said.splitlines()[-1].endswith(".")
    assert "Traceback" not in ended.said


NO_ANSWERS = {
    "null": (b"null", "null"),
    "a text": (b'"down"', "a text"),
    "a number": (b"42", "a number"),
    "an error": (b'{"error":"oops","error_description":"No such luck"}', "No such luck."),
    "errors": (b'{"errors":[{"message":"No such luck"}]}', "No such luck."),
    "a failed status": (b'{"status":"error","message":"No such luck"}', "No such luck."),
    "another object": (b'{"message":"down for maintenance"}', "the answer is"),
    "a parked domain": (b"<html><body>Buy this domain</body></html>", "an HTML page"),
    "plain words": (b"Buy this domain", "no JSON"),
    "nothing": (b"", "nothing in it"),
    "other records": (b"[1, null]", "the answer is"),
}


ASKED = {
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
    for method in ASKED
    for more in ([[], ["--all"]] if method in {"user-flattrs", "search"} else [[]])
    if method != "categories" or answer not in MAY_BE_CATEGORIES
]


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_a_success_that_is_no_answer_is_an_error_in_words(flattr: Flattr, odd: Odd, case: tuple[str, ...]) -> None:
    answer, method, *more = case
    body, words = NO_ANSWERS[answer]
    odd.answer = lambda page, count: (200, body)
    ended = flattr("--source", odd.source, "get", method, *ASKED[method], *more)
    assert ended.code == 1
    assert words in ended.line
    assert ended.out == ""
