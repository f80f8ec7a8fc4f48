"""Tests of the import of files as other programs write them: truncated HARs, dumps of `curl -i`, odd web archives."""

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

from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import ImportOptions, import_files
from flattr_tui.store.response_store import ResponseStore
from tests.library.saved_files import BASE, DAY, DAY_SECONDS

ADA, BOB = ({"type": "user", "username": name, "about": "ü"} for name in ("ada", "bob"))
LOOKUP = f"{BASE}/things/lookup?url=http://x.example/"
DATE = "Date: Tue, 06 May 2014 07:08:09 GMT"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def saved_requests(store: ResponseStore) -> list[str]:
    return [str(one.request) for one in store.iter_responses()]


def import_data(store: ResponseStore, tmp_path: Path, data: bytes, name: str = "saved", url: str = "") -> ImportOutcome:
    path = tmp_path / name
    path.write_bytes(data)
    os.utime(path, (1500, 1500))
    return import_files(store, [path], ImportOptions(url=url))


def make_entry(user: dict[str, Any] = ADA, **content: Any) -> dict[str, Any]:
    return {
        "startedDateTime": DAY,
        "request": {"method": "GET", "url": f"{BASE}/users/{user['username']}"},
        "response": {"status": 200, "headers": [], "content": {"text": json.dumps(user), **content}},
    }


def make_har(*entries: dict[str, Any]) -> bytes:
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
def test_an_entry_with_missing_or_unusual_values_is_read(
    store: ResponseStore, tmp_path: Path, change: dict[str, Any]
) -> None:
    assert import_data(store, tmp_path, make_har({**make_entry(), **change}, make_entry(BOB))).new == 2
    assert saved_requests(store)[-1] == "user username=bob" or saved_requests(store)[0] == "user username=bob"
    undated = change.get("startedDateTime", DAY) is None
    assert {one.fetched_at for one in store.iter_responses()} == {DAY_SECONDS, 1500.0} if undated else {DAY_SECONDS}


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + make_har(make_entry(), make_entry(BOB)),
        make_har(make_entry(), make_entry(BOB)).decode().encode("utf-16"),
        make_har({**make_entry(), "comment": "\ud800"}, make_entry(BOB)),
        make_har({**make_entry(), "time": float("nan")}, make_entry(BOB)),
    ],
    ids=["byte order mark", "utf-16", "surrogate", "nan"],
)
def test_an_archive_that_is_not_strict_json_is_read(store: ResponseStore, tmp_path: Path, data: bytes) -> None:
    assert import_data(store, tmp_path, data).new == 2


@pytest.mark.parametrize("cut", [40, 5, 3])
def test_a_truncated_archive_is_read_as_far_as_possible(store: ResponseStore, tmp_path: Path, cut: int) -> None:
    outcome = import_data(store, tmp_path, make_har(make_entry(), make_entry(BOB))[:-cut])
    assert "user username=ada" in saved_requests(store)
    assert "what came before it was read" in outcome.skipped[0].reason


@pytest.mark.parametrize(
    "content",
    [
        {"text": base64.b64encode(gzip.compress(json.dumps(ADA).encode(), mtime=0)).decode(), "encoding": "base64"},
        {"text": base64.urlsafe_b64encode(json.dumps(ADA).encode()).decode().rstrip("="), "encoding": "base64"},
    ],
    ids=["packed", "url-safe"],
)
def test_all_variants_of_base64_are_read(store: ResponseStore, tmp_path: Path, content: dict[str, Any]) -> None:
    assert import_data(store, tmp_path, make_har(make_entry(**content))).new == 1


@pytest.mark.parametrize(
    "response",
    [
        {"status": 302, "content": {"text": ""}, "headers": [{"name": "location", "value": f"{BASE}/things/7"}]},
        {"status": 302, "content": {"size": 0}, "headers": [], "redirectURL": f"{BASE}/things/7"},
    ],
)
def test_the_result_of_a_lookup_is_its_redirect(store: ResponseStore, tmp_path: Path, response: dict[str, Any]) -> None:
    entry = {"startedDateTime": DAY, "request": {"method": "GET", "url": LOOKUP}, "response": response}
    assert import_data(store, tmp_path, make_har(entry)).new == 1
    (one,) = store.iter_responses()
    assert json.loads(one.body)["location"] == f"{BASE}/things/7"


def make_head(*lines: str, status: str = "HTTP/1.1 200 OK", ending: str = "\r\n") -> bytes:
    return (ending.join([status, "Content-Type: application/json", DATE, *lines]) + 2 * ending).encode()


BODY = json.dumps(ADA, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "data",
    [
        make_head() + BODY,
        make_head(ending="\n") + BODY + b"\n",
        make_head(status="HTTP/2 200 ") + BODY,
        b"HTTP/1.1 100 Continue\r\n\r\n" + make_head() + BODY,
        b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n" + make_head() + BODY,
        make_head("Content-Encoding: gzip", "Content-Length: 9") + gzip.compress(BODY, mtime=0),
        make_head("Transfer-Encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY),
        make_head("Transfer-Encoding: chunked") + BODY,
        b"GET /rest/v2/users/ada HTTP/1.1\r\nHost: api.flattr.com\r\nAuthorization: Bearer x\r\n\r\n\r\n"
        + make_head()
        + BODY
        + b"\n\n",
    ],
    ids=["plain", "lf", "http2", "100", "302", "gzip", "chunked", "unchunked", "request"],
)
def test_a_dump_of_a_response_with_its_head(store: ResponseStore, tmp_path: Path, data: bytes) -> None:
    outcome = import_data(store, tmp_path, data)
    assert (outcome.new, outcome.skipped_count) == (1, 0)
    (one,) = store.iter_responses()
    assert (str(one.request), one.fetched_at, one.body.strip()) == ("user username=ada", DAY_SECONDS, BODY)


def test_a_dump_of_several_responses_loses_none(store: ResponseStore, tmp_path: Path) -> None:
    missing = b'{"error": "not_found", "error_description": "x"}'
    data = (
        make_head()
        + BODY
        + make_head(status="HTTP/1.1 404 Not Found")
        + missing
        + make_head()
        + json.dumps(BOB).encode()
    )
    outcome = import_data(store, tmp_path, data)
    assert sorted(saved_requests(store)) == ["user username=ada", "user username=bob"]
    assert [(one.place, one.reason) for one in outcome.skipped] == [
        ("response 2", "the response was not successful (404)")
    ]


def test_a_dump_with_very_many_blank_lines_is_read_quickly(store: ResponseStore, tmp_path: Path) -> None:
    began = time.process_time()
    outcome = import_data(store, tmp_path, make_head() + b"\n" * 1_000_000 + BODY)
    assert (outcome.new, time.process_time() - began < 5) == (1, True)


def test_a_dump_is_saved_under_the_given_address(store: ResponseStore, tmp_path: Path) -> None:
    found = make_head("Location: /rest/v2/things/7", status="HTTP/1.1 302 Found")
    assert import_data(store, tmp_path, found, url=LOOKUP).new == 1
    xml = b"HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<?xml version='1.0'?><user><username>ada</username></user>"
    assert import_data(store, tmp_path, xml, "other").new == 1
    assert import_data(store, tmp_path, make_head(), "third").skipped_count == 1


def test_text_around_documents_is_ignored(store: ResponseStore, tmp_path: Path) -> None:
    assert import_data(store, tmp_path, b"<br />\n<b>Notice</b>: x\n" + BODY).new == 1
    outcome = import_data(store, tmp_path, b"first\n" + BODY + b"\nsecond\n" + json.dumps(BOB).encode(), "two")
    assert (outcome.new, outcome.skipped_count) == (2, 0)


def make_record(
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


def compress_raw(body: bytes) -> bytes:
    """Return data compressed with deflate, without the header of zlib."""
    pressed = zlib.compressobj(wbits=-15)
    return pressed.compress(body) + pressed.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("deflate", compress_raw(BODY)), ("deflate", zlib.compress(BODY)), ("none", BODY), ("gzip", BODY)],
)
def test_a_record_with_a_wrong_content_encoding_is_read(
    store: ResponseStore, tmp_path: Path, encoding: str, body: bytes
) -> None:
    assert import_data(store, tmp_path, make_record(ADA, encoding=encoding, body=body)).new == 1


def test_a_record_of_a_redirect_is_the_result_of_a_lookup(store: ResponseStore, tmp_path: Path) -> None:
    data = make_record({}, status="302 Found", body=b" ", more=f"Location: {BASE}/things/7\r\n")
    assert import_data(store, tmp_path, data).new == 1


def test_a_web_archive_in_one_gzip_member_is_read_to_its_end(store: ResponseStore, tmp_path: Path) -> None:
    outcome = import_data(store, tmp_path, gzip.compress(make_record(ADA) + make_record(BOB)), "whole.warc.gz")
    assert (outcome.new, outcome.skipped_count) == (2, 0)
    again = import_data(
        store, tmp_path, gzip.compress(make_record(ADA)) + gzip.compress(make_record(BOB)), "records.warc.gz"
    )
    assert (again.already_stored, again.skipped_count) == (2, 0)


def test_an_arc_file_is_read(store: ResponseStore, tmp_path: Path) -> None:
    http = make_head() + BODY
    out = io.BytesIO()
    about = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    out.write(b"filedesc://x.arc 0.0.0.0 20140506070809 text/plain %d\n%s\n" % (len(about), about))
    out.write(f"{BASE}/users/ada 127.0.0.1 20140506070809 application/json {len(http)}\n".encode() + http + b"\n")
    outcome = import_data(store, tmp_path, out.getvalue(), "old.arc")
    assert (outcome.new, [one.fetched_at for one in store.iter_responses()]) == (1, [DAY_SECONDS])


@pytest.mark.parametrize("query", ["?q=http://x.example/&jsonp=jQuery17_1", "/q/http%3A%2F%2Fx.example%2F"])
def test_lookups_of_browser_extensions_and_scripts_are_read(store: ResponseStore, tmp_path: Path, query: str) -> None:
    body = 'jQuery17_1({"message":"not_found","description":"No thing was found"});'
    response = {"status": 404, "headers": [], "content": {"text": body, "mimeType": "application/javascript"}}
    request = {"method": "GET", "url": f"{BASE}/things/lookup{query}"}
    outcome = import_data(store, tmp_path, make_har({"startedDateTime": DAY, "request": request, "response": response}))
    assert (outcome.new, saved_requests(store)) == (1, ["lookup url=http://x.example/"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"message": "ok", "description": "ok", "thing": {"type": "thing", "id": 7, "title": "Lied"}}, "a change"),
        ({"message": "ok", "id": 7, "link": f"{BASE}/things/7", "description": "Created"}, "a change"),
        ({"message": "paused", "description": "Subscription paused"}, "a change"),
        ({"message": "flattrable", "description": "x"}, "a lookup"),
    ],
)
def test_a_response_to_a_write_is_refused_as_such(
    store: ResponseStore, tmp_path: Path, body: dict[str, Any], reason: str
) -> None:
    outcome = import_data(store, tmp_path, json.dumps(body).encode(), "flattr.json")
    assert (outcome.new, saved_requests(store)) == (0, [])
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
def test_a_stream_of_posted_things_is_saved_for_the_user(
    store: ResponseStore, tmp_path: Path, page: str, key: str
) -> None:
    """The id of an item in the service's streams may name only the thing, not the user."""
    posted = {
        "published": "2011-08-09T15:03:18+02:00",
        "title": "Song",
        "verb": "post",
        "id": key,
        "actor": {"displayName": "Mira", "url": page, "objectType": "person"},
        "object": {"displayName": "Song", "url": "https://flattr.com/thing/7", "targetUrl": "http://m.example/"},
    }
    assert import_data(store, tmp_path, json.dumps({"items": [posted]}).encode(), "things.as").new == 2
    assert saved_requests(store) == ["user-activities username=Mira", "user-things full=1 username=Mira"]
