"""Tests of the import of captures as tools and archives write them: damaged, half decoded, with secrets in them."""

import gzip
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import closing
from html import escape
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import ImportOptions, import_files
from flattr_tui.store.response_store import ResponseStore
from tests.library.saved_files import BASE, DAY, DAY_SECONDS

SECRET = "very-secret-0123456789"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def saved_requests(store: ResponseStore) -> list[str]:
    return sorted(str(one.request) for one in store.iter_responses())


def import_data(store: ResponseStore, tmp_path: Path, data: bytes, name: str = "saved", url: str = "") -> ImportOutcome:
    path = tmp_path / name
    path.write_bytes(data)
    os.utime(path, (1500, 1500))
    return import_files(store, [path], ImportOptions(url=url))


def make_user(name: str, **more: Any) -> bytes:
    return json.dumps({"type": "user", "username": name, "about": "ü", **more}, ensure_ascii=False).encode()


def make_http(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Type: application/json", *lines, "", ""]).encode() + body


def make_record(
    name: str, http: bytes, *lines: str, kind: str = "response", day: str = "2014-05-06T07:08:09Z"
) -> bytes:
    head = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Target-URI: {BASE}/users/{name}",
        f"WARC-Date: {day}",
        f"WARC-Record-ID: <urn:uuid:{name}-{day}>",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(http)}",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode() + http


BLANK = b"\r\n\r\n"
ADA, BOB, EVE = (make_record(name, make_http(make_user(name))) for name in ("ada", "bob", "eve"))


@pytest.mark.parametrize(
    "data",
    [
        ADA + BOB + EVE,
        ADA + b"\r\n" + BOB + b"\n" + EVE + BLANK,
        ADA + BLANK * 3 + BOB + BLANK + EVE,
        gzip.compress(ADA + BLANK) + gzip.compress(BOB + BLANK + EVE + BLANK),
        gzip.compress(ADA) + gzip.compress(BOB) + gzip.compress(EVE) + bytes(512),
        (ADA + BLANK + BOB + BLANK + EVE).replace(b"\r\n", b"\n").replace(b"Content-Type: application/http", b"X: y"),
        ADA.replace(b"WARC-Type", b"warc-type") + BLANK + BOB.replace(b"WARC-Type: r", b"WARC-Type:R") + BLANK + EVE,
        BLANK.join(re.sub(rb"(WARC-T[a-zURI-]+|Content-Length):", rb"\1:\r\n\t", one) for one in (ADA, BOB, EVE)),
    ],
    ids=["no blank lines", "one", "many", "one large member", "padded", "line feeds", "lower case", "two lines"],
)
def test_every_record_of_an_odd_archive_is_read(store: ResponseStore, tmp_path: Path, data: bytes) -> None:
    if b"\r\n" not in data and not data.startswith(b"\x1f"):  # the lengths in the heads must count the shorter lines
        data = b"\n\n".join(
            make_record(name, make_http(make_user(name)).replace(b"\r\n", b"\n")).replace(b"\r\n", b"\n")
            for name in ("ada", "bob", "eve")
        )
    outcome = import_data(store, tmp_path, data, "x.warc")
    assert (outcome.new, outcome.skipped_count) == (3, 0)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (ADA + BLANK + b"X" * 200 + BLANK + BOB + BLANK + EVE, "after record 1: 204 bytes that are not a record"),
        (b"".join(map(gzip.compress, (ADA, BOB)))[:-12] + gzip.compress(EVE), "a part of the file is damaged"),
        (gzip.compress(ADA) + b"junk" * 9 + gzip.compress(BOB), "a part of the file is damaged"),
    ],
    ids=["junk", "cut member", "junk between members"],
)
def test_a_damaged_part_of_an_archive_is_reported_and_the_rest_is_read(
    store: ResponseStore, tmp_path: Path, data: bytes, reason: str
) -> None:
    outcome = import_data(store, tmp_path, data, "x.warc.gz")
    assert outcome.new >= 2
    assert any(reason in str(one) for one in outcome.skipped)


def test_a_truncated_archive_is_reported(store: ResponseStore, tmp_path: Path) -> None:
    whole = gzip.compress(ADA + BLANK) + gzip.compress(BOB + BLANK)
    outcome = import_data(store, tmp_path, whole[:-30], "x.warc.gz")
    assert saved_requests(store) == ["user username=ada"]
    assert "ends early" in str(outcome.skipped[0])


@pytest.mark.parametrize(
    "lines",
    [
        ("X-Archive-Orig-Transfer-Encoding: chunked",),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked", "Content-Encoding: gzip"),
        ("Transfer-Encoding: chunked", "X-Archive-Orig-Content-Encoding: gzip"),
    ],
)
def test_encodings_of_a_body_are_decoded(store: ResponseStore, tmp_path: Path, lines: tuple[str, ...]) -> None:
    body = gzip.compress(make_user("ada")) if "gzip" in str(lines) else make_user("ada")
    chunked = b"5\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (body[:5], len(body) - 5, body[5:])
    assert import_data(store, tmp_path, make_record("ada", make_http(chunked, *lines))).new == 1
    assert next(iter(store.iter_responses())).body == make_user("ada")


def make_revisit(name: str, day: str, *lines: str) -> bytes:
    return make_record(name, make_http(b"", status="200 OK"), *lines, kind="revisit", day=day)


@pytest.mark.parametrize(
    "line",
    [
        "WARC-Refers-To: <urn:uuid:ada-2014-05-06T07:08:09Z>",
        f"WARC-Refers-To-Target-URI: {BASE}/users/ada\r\nWARC-Refers-To-Date: 2014-05-06T07:08:09Z",
        "WARC-Payload-Digest: sha1:AAAA",
    ],
)
def test_a_revisit_record_repeats_the_page_with_a_later_date(store: ResponseStore, tmp_path: Path, line: str) -> None:
    first = make_record("ada", make_http(make_user("ada")), "WARC-Payload-Digest: sha1:AAAA")
    second = make_record("ada", make_http(make_user("ada", city="Malmö")), day="2015-01-01T00:00:00Z")
    (tmp_path / "a.warc").write_bytes(make_revisit("ada", "2016-01-01T00:00:00Z", line) + BLANK + second)
    (tmp_path / "b.warc").write_bytes(first)
    outcome = import_files(store, [tmp_path / "a.warc", tmp_path / "b.warc"])
    assert (outcome.new, outcome.skipped_count) == (3, 0)
    newest = store.latest(next(iter(store.iter_responses())).response_key)
    assert newest is not None
    assert (b"Malm" in newest.body, newest.fetched_at) == (False, 1451606400.0)


def test_a_revisit_of_a_missing_record_is_reported(store: ResponseStore, tmp_path: Path) -> None:
    outcome = import_data(
        store, tmp_path, make_revisit("ada", "2016-01-01T00:00:00Z", "WARC-Refers-To: <urn:uuid:x>"), "x.warc"
    )
    assert "repeats a record that is not in these files" in outcome.skipped[0].reason


def make_entry(url: str, body: bytes, status: int = 200, **response: Any) -> dict[str, Any]:
    content = {"mimeType": "application/json", "text": body.decode()}
    return {
        "startedDateTime": DAY,
        "request": {"method": "GET", "url": url, "headers": [{"name": "Cookie", "value": SECRET}]},
        "response": {"status": status, "content": content, "headers": [], **response},
    }


def test_a_web_archives_own_redirect_is_no_answer(store: ResponseStore, tmp_path: Path) -> None:
    url = f"https://web.archive.org/web/2015id_/{BASE}/things/lookup?url=http%3A%2F%2Fa.example%2F"
    answers = [
        make_entry(url, b"", 302, redirectURL=url.replace("2015id_", "20150314091500id_")),
        make_entry(url, b"", 302, redirectURL=f"https://web.archive.org/web/2015id_/{BASE}/things/7"),
    ]
    for answer, new in zip(answers, (0, 1), strict=True):
        outcome = import_data(store, tmp_path, json.dumps({"log": {"entries": [answer]}}).encode())
        assert (outcome.new, outcome.skipped_count) == (new, 1 - new)


# -- output of curl


TRANSCRIPT = (
    "*   Trying 127.0.0.1:8080...\n"
    "* Connected to api.flattr.com (127.0.0.1) port 80 (#0)\n"
    "> GET /rest/v2/users/ada HTTP/1.1\r\n> Host: api.flattr.com\r\n> User-Agent: curl/7.88.1\r\n"
    f"> Authorization: Bearer {SECRET}\r\n> Cookie: sid={SECRET}\r\n> \r\n"
    "< HTTP/1.1 200 OK\r\n< date: Tue, 06 May 2014 07:08:09 GMT\r\n< content-type: application/json\r\n"
    f"< set-cookie: sid={SECRET}\r\n< content-length: %d\r\n< \r\n{{ [73 bytes data]\n"
    "* Connection #0 to host api.flattr.com left intact\n"
)
PROGRESS = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("2014", 1388534400.0),
        ("2014-05", 1398902400.0),
        ("2014-05-06", 1399334400.0),
        ("2014-05-06T07:08Z", 1399360080.0),
        ("2014-05-06T07:08:09.5Z", DAY_SECONDS + 0.5),
    ],
)
def test_a_record_of_warc_1_1_may_be_dated_to_the_year(
    store: ResponseStore, tmp_path: Path, date: str, seconds: float
) -> None:
    import_data(store, tmp_path, make_record("ada", make_http(make_user("ada")), day=date))
    assert [one.fetched_at for one in store.iter_responses()] == [seconds]


@pytest.mark.parametrize(
    "shape", [str, lambda text: text.replace("< HTTP", f"{PROGRESS}< HTTP"), lambda text: text.replace("\r\n", "\n")]
)
def test_only_the_responses_in_the_output_of_curl_v_are_kept(store: ResponseStore, tmp_path: Path, shape: Any) -> None:
    first, second = make_user("ada"), b'[{"username": "bob"}]'
    text = shape(TRANSCRIPT % len(first)).encode() + first
    text += b"* Found bundle for host: 0x5 [serially]\n"
    text += shape(TRANSCRIPT % len(second)).encode().replace(b"/users/ada", b"/users/ada/things") + second
    outcome = import_data(store, tmp_path, text)
    assert [(one.body, one.fetched_at, one.url) for one in store.iter_responses()] == [
        (first, DAY_SECONDS, f"{BASE}/users/ada")
    ]
    assert outcome.skipped_count == 1


@pytest.mark.parametrize("has_length", [True, False])
def test_notes_that_curl_wrote_within_a_body_are_no_part_of_it(
    store: ResponseStore, tmp_path: Path, has_length: bool
) -> None:
    body = make_user("ada")
    head, _, note = (TRANSCRIPT % len(body)).rpartition("\n* ")
    if not has_length:
        head = head.replace("content-length", "x-length")
    half = len(body) // 2
    import_data(store, tmp_path, f"{head}\n".encode() + body[:half] + f"* {note}".encode() + body[half:])
    assert [one.body for one in store.iter_responses()] == [body]


@pytest.mark.parametrize("end", ["", "\n"])
def test_trailers_behind_a_body_that_curl_i_printed_are_no_part_of_it(
    store: ResponseStore, tmp_path: Path, end: str
) -> None:
    head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\ntrailer: expires\r\n\r\n"
    body = make_user("ada")
    dump = head.encode() + body + end.encode() + b"Expires: 0\r\nServer-Timing: app;dur=1\r\n"
    import_data(store, tmp_path, dump * 2, url=f"{BASE}/users/ada")
    assert {one.body for one in store.iter_responses()} == {body}


# -- streams and feeds


STREAM_ITEM = {
    "published": "2017-10-30T11:29:57+02:00",
    "title": 'ada flattred "A"',
    "verb": "like",
    "actor": {"displayName": "ada", "url": "https://flattr.com/user/ada", "objectType": "person"},
    "object": {"displayName": "A", "url": "https://flattr.com/thing/7/A", "targetUrl": "http://a.example/7"},
    "id": "tag:flattr.com,2017-10-30:ada/flattr/7",
}


@pytest.mark.parametrize("url", ["", f"{BASE}/users/ada/flattrs.as?count=3"])
def test_a_stream_of_flattrs_becomes_a_list_of_flattrs(store: ResponseStore, tmp_path: Path, url: str) -> None:
    import_data(store, tmp_path, json.dumps({"items": [STREAM_ITEM]}).encode(), "x.as", url)
    [stored] = [one for one in store.iter_responses() if one.request.method == "user-flattrs"]
    [row] = json.loads(stored.body)
    assert (stored.request.get("username"), row["created_at"], row["owner"]["username"]) == ("ada", 1509355797, "ada")
    assert (row["thing"]["id"], row["thing"]["url"], row["thing"]["title"]) == (7, "http://a.example/7", "A")


def make_feed(link: str, item: str = "", kind: str = "item") -> bytes:
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>P</title>'
        f"<{kind}><title>Ep &amp; 1</title><link>http://p.example/1</link>"
        f"<pubDate>Tue, 06 May 2014 07:08:09 GMT</pubDate>{item}{link}</{kind}></channel></rss>"
    ).encode()


SUBMIT = "https://flattr.com/submit/auto?user_id=horst"
PAYMENT = '<atom:link rel="payment" href="%s"/>'
ENCODED = f"{SUBMIT}&url=http%3A%2F%2Fp.example%2F1&title=One&tags=a%2Cb"
LINKED = f'<a href="{escape(ENCODED)}">'
PLAIN = f"{SUBMIT}&url=http://p.example/1&title=One&tags=a,b"


@pytest.mark.parametrize(
    "link",
    [
        PAYMENT % escape(ENCODED),
        PAYMENT % escape(escape(ENCODED)),
        PAYMENT % escape(PLAIN),
        f"<description>{escape(LINKED)}</description>",
    ],
    ids=["plain", "twice", "unencoded", "html"],
)
def test_an_item_with_a_payment_link_becomes_a_thing(store: ResponseStore, tmp_path: Path, link: str) -> None:
    outcome = import_data(store, tmp_path, make_feed(link), "podcast.rss")
    assert (outcome.new, saved_requests(store)) == (1, ["user-things full=1 username=horst"])
    [thing] = json.loads(next(iter(store.iter_responses())).body)
    assert (thing["url"], thing["title"], thing["tags"]) == ("http://p.example/1", "One", ["a", "b"])
    assert (thing["owner"]["username"], thing["created_at"]) == ("horst", int(DAY_SECONDS))


ATOM_ENTRY = (
    '<entry><title>One</title><id>urn:1</id><updated>2014-05-06T07:08:09Z</updated><link href="%s"/>'
    '<link rel="payment" href="https://flattr.com/thing/7/One"/></entry>'
)
XHTML = '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">O<em>n</em>e</div></title>'
RSS_FEED = (
    '<rss version="2.0" xmlns:atom="{}"><channel><item><title>One</title><guid>http://p.example/1</guid>'
    '<atom:link rel="payment" href="https://flattr.com/thing/7/One"/></item></channel></rss>'
)
ATOM_FEED = f'<feed xmlns="{{}}">{ATOM_ENTRY % "http://p.example/1"}</feed>'


@pytest.mark.parametrize(
    "feed",
    [
        ATOM_FEED,
        f'<feed xmlns="{{}}" xml:base="http://p.example/">{ATOM_ENTRY % "1"}</feed>',
        f'<feed xmlns="{{}}"><link rel="self" href="http://p.example/feed"/>{ATOM_ENTRY % "/1"}</feed>',
        f'<feed xmlns="{{}}">{ATOM_ENTRY % "1"}</feed>'.replace("<entry>", '<entry xml:base="http://p.example/">'),
        ATOM_FEED.replace("<title>One</title>", XHTML),
        re.sub("(</?)", r"\1a:", ATOM_FEED).replace("xmlns", "xmlns:a"),
        RSS_FEED,
    ],
    ids=["plain", "base", "self", "entry", "xhtml", "prefix", "guid"],
)
def test_an_item_in_each_valid_form_becomes_its_thing(store: ResponseStore, tmp_path: Path, feed: str) -> None:
    import_data(store, tmp_path, feed.format("http://www.w3.org/2005/Atom").encode())
    [stored] = store.iter_responses()
    [thing] = json.loads(stored.body)
    assert (thing["id"], thing["title"], thing["url"]) == (7, "One", "http://p.example/1")


def test_a_base_that_is_no_address_is_ignored(store: ResponseStore, tmp_path: Path) -> None:
    feed = ATOM_FEED.format("http://www.w3.org/2005/Atom").replace("<feed", '<feed xml:base="http://["')
    import_data(store, tmp_path, feed.encode())
    [stored] = store.iter_responses()
    assert json.loads(stored.body)[0]["url"] == "http://p.example/1"


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set the local time zone to one that is not UTC."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "EST5EDT,M3.2.0,M11.1.0")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("new_york")
@pytest.mark.parametrize("date", ["Tue, 06 May 2014 07:08:09 -0000", "Tue May  6 07:08:09 2014"], ids=["-0000", "C"])
def test_a_date_without_a_zone_is_in_utc(store: ResponseStore, tmp_path: Path, date: str) -> None:
    feed = make_feed(PAYMENT % escape(ENCODED)).replace(b"Tue, 06 May 2014 07:08:09 GMT", date.encode())
    import_data(store, tmp_path, feed)
    [thing] = json.loads(next(iter(store.iter_responses())).body)
    assert thing["created_at"] == int(DAY_SECONDS)


def test_parameters_that_look_like_an_entity_are_unchanged(store: ResponseStore, tmp_path: Path) -> None:
    link = f"{SUBMIT}&url=http%3A%2F%2Fp.example%2F1&title=http://p.example/?id=1&section=2&copy=3"
    import_data(store, tmp_path, make_feed(PAYMENT % escape(link)))
    [thing] = json.loads(next(iter(store.iter_responses())).body)
    assert thing["title"] == "http://p.example/?id=1&section=2&copy=3"


def test_a_feed_without_an_owner_becomes_things(store: ResponseStore, tmp_path: Path) -> None:
    link = '<atom:link rel="payment" href="https://flattr.com/submit/auto?url=http%3A%2F%2Fp.example%2F1"/>'
    import_data(store, tmp_path, make_feed(link))
    [stored] = store.iter_responses()
    assert stored.request.method == "things"
    assert json.loads(stored.body)[0]["title"] == "Ep & 1"


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (b"SQLite format 3\0" + bytes(84), "is a damaged SQLite database"),
        (b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x8c\x08builtins", "a Python pickle"),
        (b"%PDF-1.4\n", "a PDF document"),
        (b"<!DOCTYPE html><html></html>", "an HTML page"),
        (b"== Info:   Trying 127.0.0.1:8080...\n=> Send header, 95 bytes (0x5f)\n", "a trace of curl"),
        (
            b"06:53:19.274894 == Info:   Trying 127.0.0.1:8080...\n06:53:19.3 => Send header, 9 bytes\n",
            "a trace of curl",
        ),
        (b"| thing.id | thing.title |\n| --- | --- |\n| 7 | One |\n", "export it as csv, json or jsonl"),
        (b"<?xml version='1.0'?>\n<flattr>\n<version>0.5</version>\n<thing><id>x</id></thing>\n</flattr>", "first API"),
        (gzip.compress(b"SQLite format 3\0" + bytes(84), mtime=0), "is a damaged SQLite database"),
    ],
)
def test_an_unsupported_file_is_refused_by_its_format(
    store: ResponseStore, tmp_path: Path, data: bytes, format: str
) -> None:
    outcome = import_data(store, tmp_path, data)
    assert (outcome.new, saved_requests(store)) == (0, [])
    assert format in outcome.skipped[0].reason
