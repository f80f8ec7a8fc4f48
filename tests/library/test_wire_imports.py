"""Recorded answers as other programs really write them: half a HAR, dumps of `curl -i`, archives packed as a whole."""

import base64
import gzip
import io
import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.library.transfer.import_outcome import ImportOutcome
from flattr_tui.library.transfer.importer import import_files
from flattr_tui.store.responses import ResponseStore
from tests.library.saved_files import BASE, DAY, DAY_SECONDS

ADA, BOB = ({"type": "user", "username": name, "about": "ü"} for name in ("ada", "bob"))
LOOKUP = f"{BASE}/things/lookup?url=http://x.example/"
DATE = "Date: Tue, 06 May 2014 07:08:09 GMT"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def kept(store: ResponseStore) -> list[str]:
    return [str(one.request) for one in store.iter_responses()]


def taken(store: ResponseStore, tmp_path: Path, data: bytes, name: str = "saved", url: str = "") -> ImportOutcome:
    path = tmp_path / name
    path.write_bytes(data)
    os.utime(path, (1500, 1500))
    return import_files(store, [path], url=url)


def entry(user: dict[str, Any] = ADA, **content: Any) -> dict[str, Any]:
    return {
        "startedDateTime": DAY,
        "request": {"method": "GET", "url": f"{BASE}/users/{user['username']}"},
        "response": {"status": 200, "headers": [], "content": {"text": json.dumps(user), **content}},
    }


def har(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"log": {"version": "1.2", "entries": entries}}).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"request": {"method": None, "url": f"{BASE}/users/ada"}},
        {"response": {"status": 200.0, "headers": None, "content": {"text": json.dumps(ADA), "mimeType": None}}},
        {"response": {"status": "200", "content": {"text": json.dumps(ADA), "encoding": None}}},
        {"startedDateTime": 1399360089000},
        {"startedDateTime": None},
    ],
)
def test_what_an_entry_leaves_out_or_writes_otherwise_costs_nothing(
    store: ResponseStore, tmp_path: Path, change: dict[str, Any]
) -> None:
    assert taken(store, tmp_path, har({**entry(), **change}, entry(BOB))).new == 2
    assert kept(store)[-1] == "user username=bob" or kept(store)[0] == "user username=bob"
    undated = change.get("startedDateTime", DAY) is None
    assert {one.fetched_at for one in store.iter_responses()} == {DAY_SECONDS, 1500.0} if undated else {DAY_SECONDS}


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + har(entry(), entry(BOB)),
        har(entry(), entry(BOB)).decode().encode("utf-16"),
        har({**entry(), "comment": "\ud800"}, entry(BOB)),
        har({**entry(), "time": float("nan")}, entry(BOB)),
    ],
    ids=["mark", "utf-16", "surrogate", "nan"],
)
def test_an_archive_that_is_not_strict_json_is_one(store: ResponseStore, tmp_path: Path, data: bytes) -> None:
    assert taken(store, tmp_path, data).new == 2


@pytest.mark.parametrize("cut", [40, 5, 3])
def test_an_archive_that_breaks_off_is_read_as_far_as_it_goes(store: ResponseStore, tmp_path: Path, cut: int) -> None:
    outcome = taken(store, tmp_path, har(entry(), entry(BOB))[:-cut])
    assert "user username=ada" in kept(store)
    assert "what stands before it was read" in outcome.skipped[0].reason


@pytest.mark.parametrize(
    "content",
    [
        {"text": base64.b64encode(gzip.compress(json.dumps(ADA).encode(), mtime=0)).decode(), "encoding": "base64"},
        {"text": base64.urlsafe_b64encode(json.dumps(ADA).encode()).decode().rstrip("="), "encoding": "base64"},
    ],
    ids=["packed", "url-safe"],
)
def test_base64_is_read_however_it_is_written(store: ResponseStore, tmp_path: Path, content: dict[str, Any]) -> None:
    assert taken(store, tmp_path, har(entry(**content))).new == 1


@pytest.mark.parametrize(
    "response",
    [
        {"status": 302, "content": {"text": ""}, "headers": [{"name": "location", "value": f"{BASE}/things/7"}]},
        {"status": 302, "content": {"size": 0}, "headers": [], "redirectURL": f"{BASE}/things/7"},
    ],
)
def test_a_lookup_is_told_by_where_it_leads(store: ResponseStore, tmp_path: Path, response: dict[str, Any]) -> None:
    asked = {"startedDateTime": DAY, "request": {"method": "GET", "url": LOOKUP}, "response": response}
    assert taken(store, tmp_path, har(asked)).new == 1
    (one,) = store.iter_responses()
    assert json.loads(one.body)["location"] == f"{BASE}/things/7"


def head(*lines: str, status: str = "HTTP/1.1 200 OK", ending: str = "\r\n") -> bytes:
    return (ending.join([status, "Content-Type: application/json", DATE, *lines]) + 2 * ending).encode()


BODY = json.dumps(ADA, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "data",
    [
        head() + BODY,
        head(ending="\n") + BODY + b"\n",
        head(status="HTTP/2 200 ") + BODY,
        b"HTTP/1.1 100 Continue\r\n\r\n" + head() + BODY,
        b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n" + head() + BODY,
        head("Content-Encoding: gzip", "Content-Length: 9") + gzip.compress(BODY, mtime=0),
        head("Transfer-Encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
        head("Transfer-Encoding: chunked") + BODY,
        b"GET /rest/v2/users/ada HTTP/1.1\r\nHost: api.flattr.com\r\nAuthorization: Bearer x\r\n\r\n\r\n"
        + head()
        + BODY
        + b"\n\n",
    ],
    ids=["plain", "lf", "http2", "100", "302", "gzip", "chunked", "unchunked", "request"],
)
def test_a_dump_of_an_answer_with_its_head(store: ResponseStore, tmp_path: Path, data: bytes) -> None:
    outcome = taken(store, tmp_path, data)
    assert (outcome.new, outcome.skipped_count) == (1, 0)
    (one,) = store.iter_responses()
    assert (str(one.request), one.fetched_at, one.body.strip()) == ("user username=ada", DAY_SECONDS, BODY)


def test_a_dump_of_several_answers_loses_none(store: ResponseStore, tmp_path: Path) -> None:
    missing = b'{"error": "not_found", "error_description": "x"}'
    data = head() + BODY + head(status="HTTP/1.1 404 Not Found") + missing + head() + json.dumps(BOB).encode()
    outcome = taken(store, tmp_path, data)
    assert sorted(kept(store)) == ["user username=ada", "user username=bob"]
    assert [(one.place, one.reason) for one in outcome.skipped] == [("answer 2", "the answer was no success (404)")]


def test_a_dump_of_nothing_but_blank_lines_is_read_at_once(store: ResponseStore, tmp_path: Path) -> None:
    began = time.process_time()
    outcome = taken(store, tmp_path, head() + b"\n" * 1_000_000 + BODY)
    assert (outcome.new, time.process_time() - began < 5) == (1, True)


def test_a_dump_is_of_the_address_that_is_given(store: ResponseStore, tmp_path: Path) -> None:
    found = head("Location: /rest/v2/things/7", status="HTTP/1.1 302 Found")
    assert taken(store, tmp_path, found, url=LOOKUP).new == 1
    xml = b"HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<?xml version='1.0'?><user><username>ada</username></user>"
    assert taken(store, tmp_path, xml, "other").new == 1
    assert taken(store, tmp_path, head(), "third").skipped_count == 1


def test_notices_and_guards_are_no_hindrance_and_two_documents_are_not_one(
    store: ResponseStore, tmp_path: Path
) -> None:
    assert taken(store, tmp_path, b"<br />\n<b>Notice</b>: x\n" + BODY).new == 1
    outcome = taken(store, tmp_path, b"first\n" + BODY + b"\nsecond\n" + json.dumps(BOB).encode(), "two")
    assert (outcome.new, outcome.skipped_count) == (0, 1)


def record(
    user: dict[str, Any], *, encoding: str = "", body: bytes = b"", status: str = "200 OK", more: str = ""
) -> bytes:
    sent = body or json.dumps(user).encode()
    named = f"Content-Encoding: {encoding}\r\n" if encoding else ""
    http = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{named}{more}\r\n".encode() + sent
    url = f"{BASE}/users/{user['username']}" if user else LOOKUP
    return (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2014-05-06T07:08:09Z\r\nContent-Type: application/http\r\nContent-Length: {len(http)}\r\n\r\n"
    ).encode() + http + b"\r\n\r\n"  # fmt: skip


def bare(body: bytes) -> bytes:
    pressed = zlib.compressobj(wbits=-15)
    return pressed.compress(body) + pressed.flush()


@pytest.mark.parametrize(
    ("encoding", "body"), [("deflate", bare(BODY)), ("deflate", zlib.compress(BODY)), ("none", BODY), ("gzip", BODY)]
)
def test_a_record_is_read_though_its_encoding_is_another(
    store: ResponseStore, tmp_path: Path, encoding: str, body: bytes
) -> None:
    assert taken(store, tmp_path, record(ADA, encoding=encoding, body=body)).new == 1


def test_a_record_of_a_redirect_alone_is_a_lookups_answer(store: ResponseStore, tmp_path: Path) -> None:
    data = record({}, status="302 Found", body=b" ", more=f"Location: {BASE}/things/7\r\n")
    assert taken(store, tmp_path, data).new == 1


def test_a_web_archive_that_was_packed_as_a_whole_is_read_to_its_end(store: ResponseStore, tmp_path: Path) -> None:
    outcome = taken(store, tmp_path, gzip.compress(record(ADA) + record(BOB)), "whole.warc.gz")
    assert (outcome.new, outcome.skipped_count) == (2, 0)
    again = taken(store, tmp_path, gzip.compress(record(ADA)) + gzip.compress(record(BOB)), "records.warc.gz")
    assert (again.already_stored, again.skipped_count) == (2, 0)


def test_an_archive_of_the_older_kind(store: ResponseStore, tmp_path: Path) -> None:
    http = head() + BODY
    out = io.BytesIO()
    about = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    out.write(b"filedesc://x.arc 0.0.0.0 20140506070809 text/plain %d\n%s\n" % (len(about), about))
    out.write(f"{BASE}/users/ada 127.0.0.1 20140506070809 application/json {len(http)}\n".encode() + http + b"\n")
    outcome = taken(store, tmp_path, out.getvalue(), "old.arc")
    assert (outcome.new, [one.fetched_at for one in store.iter_responses()]) == (1, [DAY_SECONDS])


@pytest.mark.parametrize("asked", ["?q=http://x.example/&jsonp=jQuery17_1", "/q/http%3A%2F%2Fx.example%2F"])
def test_what_browser_extensions_and_scripts_looked_up_is_a_lookup(
    store: ResponseStore, tmp_path: Path, asked: str
) -> None:
    body = 'jQuery17_1({"message":"not_found","description":"No thing was found"});'
    response = {"status": 404, "headers": [], "content": {"text": body, "mimeType": "application/javascript"}}
    request = {"method": "GET", "url": f"{BASE}/things/lookup{asked}"}
    outcome = taken(store, tmp_path, har({"startedDateTime": DAY, "request": request, "response": response}))
    assert (outcome.new, kept(store)) == (1, ["lookup url=http://x.example/"])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"message": "ok", "description": "ok", "thing": {"type": "thing", "id": 7, "title": "Lied"}}, "a change"),
        ({"message": "ok", "id": 7, "link": f"{BASE}/things/7", "description": "Created"}, "a change"),
        ({"message": "paused", "description": "Subscription paused"}, "a change"),
        ({"message": "flattrable", "description": "x"}, "a lookup"),
    ],
)
def test_a_file_of_what_a_write_answered_says_what_it_is(
    store: ResponseStore, tmp_path: Path, said: dict[str, Any], reason: str
) -> None:
    outcome = taken(store, tmp_path, json.dumps(said).encode(), "flattr.json")
    assert (outcome.new, kept(store)) == (0, [])
    assert reason in outcome.skipped[0].reason


@pytest.mark.parametrize(
    ("page", "key"),
    [
        ("https://flattr.com/user/Mira", "tag:flattr.com,2011:things/7"),
        ("https://flattr.com/profile/Mira", "tag:flattr.com,2012:things/7"),
        ("", "tag:flattr.com,2012:things/7"),
        ("", "tag:flattr.com,2012-01-04:Mira/flattr/7"),
    ],
)
def test_a_stream_of_what_was_posted_is_the_users(store: ResponseStore, tmp_path: Path, page: str, key: str) -> None:
    """A thing's own id, as the service's streams had it, names nobody."""
    posted = {
        "published": "2011-08-09T15:03:18+02:00",
        "title": "Song",
        "verb": "post",
        "id": key,
        "actor": {"displayName": "Mira", "url": page, "objectType": "person"},
        "object": {"displayName": "Song", "url": "https://flattr.com/thing/7", "targetUrl": "http://m.example/"},
    }
    assert taken(store, tmp_path, json.dumps({"items": [posted]}).encode(), "things.as").new == 2
    assert kept(store) == ["user-activities username=Mira", "user-things full=1 username=Mira"]
