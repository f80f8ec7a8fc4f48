"""Tests of the import of text files as shells, editors, browsers, mail and interrupted programs leave them."""

import bz2
import gzip
import io
import json
import lzma
import os
import plistlib
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from html import escape
from pathlib import Path

import pytest

from flattr_tui import zstd
from flattr_tui.library.import_export.captured_response import MAX_FILE
from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import import_files
from flattr_tui.library.import_export.irregular_json import MAX_DAMAGED
from flattr_tui.model.entities import Flattr
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.store.response_store import ResponseStore

DATE = "Mon, 02 Jan 2012 10:00:00 GMT"
DATE_SECONDS = 1325498400.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def import_data(store: ResponseStore, tmp_path: Path, data: bytes, name: str = "saved") -> ImportOutcome:
    path = tmp_path / name
    path.write_bytes(data)
    os.utime(path, (1500, 1500))
    return import_files(store, [path])


def saved_requests(store: ResponseStore) -> list[str]:
    return sorted(str(one.request) for one in store.iter_responses())


def saved_ids(store: ResponseStore) -> list[int]:
    """Return the ids of the things in the stored lists, in the order of their pages."""
    stored = sorted(store.iter_responses(), key=lambda one: one.page)
    lists = [json.loads(response.body) for response in stored if response.count]
    return [one["thing"]["id"] for rows in lists for one in rows]


def make_flattr(number: int) -> str:
    thing = {"id": number, "title": "Łódź"}
    row = {"type": "flattr", "owner": {"username": "ada"}, "thing": thing, "created_at": number}
    return json.dumps(row, ensure_ascii=False)


def make_list(*numbers: int) -> str:
    return f"[{','.join(map(make_flattr, numbers))}]"


USER = '{"type": "user", "username": "ada", "about": "Łódź"}'
HTTP = f"HTTP/1.1 200 OK\r\nDate: {DATE}\r\nContent-Type: application/json\r\n\r\n"


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode() + bytes(4096),
        lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n").encode(),
    ],
)
@pytest.mark.parametrize(
    ("text", "requests"),
    [
        (HTTP + USER, ["user username=ada"]),
        (make_list(2, 1), ["user-flattrs full=1 username=ada"]),
        (f"{make_flattr(2)}\n{make_flattr(1)}\n", ["user-flattrs full=1 username=ada"]),
        ('<?xml version="1.0" encoding="utf-16"?><user><username>ada</username></user>', ["user username=ada"]),
    ],
)
def test_a_text_may_be_in_utf_16_with_a_mark_or_padding(
    store: ResponseStore, tmp_path: Path, encode: Callable[[str], bytes], text: str, requests: list[str]
) -> None:
    data = encode(text)
    if "utf-16" in text and data[1:2] not in {b"\0", b"\xfe", b"\xff"}:
        data = data.replace(b"utf-16", b"utf-8")
    import_data(store, tmp_path, data)
    assert saved_requests(store) == requests
    if text.startswith("HTTP"):
        assert [one.fetched_at for one in store.iter_responses()] == [DATE_SECONDS]


def test_a_head_whose_line_ends_were_converted_twice_keeps_its_date(store: ResponseStore, tmp_path: Path) -> None:
    import_data(store, tmp_path, (HTTP + USER).replace("\r\n", "\r\r\n").encode())
    assert [one.fetched_at for one in store.iter_responses()] == [DATE_SECONDS]


def test_colours_in_json_are_removed(store: ResponseStore, tmp_path: Path) -> None:
    import_data(store, tmp_path, USER.replace('"', '\x1b[1;39m"').replace("}", "\x1b[0m}").encode())
    assert saved_requests(store) == ["user username=ada"]


@pytest.mark.parametrize("between", ["", "\n", "\r\n\r\n", "\x1e", ",\n"])
def test_values_one_after_another_are_all_imported(store: ResponseStore, tmp_path: Path, between: str) -> None:
    values = [make_list(4, 3), USER, make_list(2, 1), USER.replace("ada", "bob")]
    import_data(store, tmp_path, between.join(values).encode())
    flattrs = "user-flattrs full=1 username=ada"
    assert saved_requests(store) == ["user username=ada", "user username=bob", flattrs, flattrs]
    assert saved_ids(store) == [4, 3, 2, 1]


def test_a_list_of_pages_is_imported_page_by_page(store: ResponseStore, tmp_path: Path) -> None:
    import_data(store, tmp_path, f"[{make_list(4, 3)},{make_list(2, 1)}]".encode())
    assert saved_ids(store) == [4, 3, 2, 1]


def test_responses_that_a_script_saved_under_names_are_imported(store: ResponseStore, tmp_path: Path) -> None:
    url = "https://api.flattr.com/rest/v2/users/ada/flattrs?page=3"
    saved = f'{{"saved": "2012", "user": {USER}, "{url}": {make_list(2, 1)}, "other": [{{"name": "x"}}], "none": []}}'
    import_data(store, tmp_path, saved.encode())
    assert sorted((str(one.request), one.page, one.url) for one in store.iter_responses()) == [
        ("user username=ada", 1, ""),
        ("user-flattrs username=ada", 3, url),
    ]


@pytest.mark.parametrize(
    ("text", "ids", "place"),
    [
        (make_list(3, 2, 1)[:-9], [3, 2], "record 3"),
        (f"{make_flattr(3)}\n{make_flattr(2)}\n{make_flattr(1)[:-9]}", [3, 2], "line 3"),
        (f"{make_flattr(3)}\noops\n{make_flattr(1)}", [3, 1], "line 2"),
        (f"{make_flattr(3)[:-9]}\n{make_flattr(2)}\n{make_flattr(1)}", [2, 1], "line 1"),
        (f'{make_flattr(3)}\n{{"a": \n{make_flattr(1)}', [3, 1], "line 2"),
    ],
)
def test_only_the_damaged_part_of_a_list_is_lost_and_named(
    store: ResponseStore, tmp_path: Path, text: str, ids: list[int], place: str
) -> None:
    outcome = import_data(store, tmp_path, text.encode())
    assert saved_ids(store) == ids
    assert [one.place for one in outcome.skipped] == [place]


def test_a_file_of_nothing_but_damage_is_given_up(store: ResponseStore, tmp_path: Path) -> None:
    outcome = import_data(store, tmp_path, b'{"a"\n' * (MAX_DAMAGED * 3))
    assert outcome.skipped_count == MAX_DAMAGED + 1
    assert "damaged in more than" in outcome.skipped[-1].reason


def test_the_number_of_responses_in_a_file_is_limited(
    store: ResponseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flattr_tui.library.import_export.irregular_json.MAX_ALONE", 2)
    outcome = import_data(store, tmp_path, "".join(USER.replace("ada", name) for name in "abc").encode())
    assert saved_requests(store) == ["user username=a", "user username=b"]
    assert [one.reason for one in outcome.skipped] == ["has more than 2 responses; what came before was read"]


@pytest.mark.parametrize("more", ["\n200 0.004 http://127.0.0.1/\n", '{"http_code": 200}', "Script done."])
def test_what_curl_printed_behind_a_body_is_no_part_of_it(store: ResponseStore, tmp_path: Path, more: str) -> None:
    head = HTTP.replace("Content-Type", f"Content-Length: {len(USER.encode())}\r\nContent-Type")
    import_data(store, tmp_path, (head + USER + more).encode())
    assert [one.body for one in store.iter_responses()] == [USER.encode()]


def test_a_head_that_curl_iv_printed_twice_is_read_once(store: ResponseStore, tmp_path: Path) -> None:
    sent = "> GET /rest/v2/users/ada HTTP/1.1\r\n> Host: api.flattr.com\r\n> \r\n"
    marked = "".join(f"< {line}\r\n" for line in HTTP.split("\r\n")[:-1])
    import_data(store, tmp_path, f"{sent}{marked}{{ [52 bytes data]\r\n{HTTP}{USER}".encode())
    assert [(one.body, one.fetched_at) for one in store.iter_responses()] == [(USER.encode(), DATE_SECONDS)]


def make_trace(*parts: tuple[str, bytes], mark: str = "") -> bytes:
    """Return what `curl --trace` writes for these parts."""
    lines = ["== Info:   Trying 127.0.0.1:80..."]
    for title, data in parts:
        lines.append(f"{title}, {len(data)} bytes (0x{len(data):x})")
        for at in range(0, len(data), 16):
            row = data[at : at + 16]
            shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
            lines.append(f"{at:04x}: {row.hex(' ').ljust(47)} {shown}")
    return "\n".join(f"{'' if line[4:5] == ':' else mark}{line}" for line in lines).encode()


@pytest.mark.parametrize("mark", ["", "06:53:19.274894 ", "06:53:19.274894 [0-0] "])
def test_every_response_of_a_trace_of_curl_is_read(store: ResponseStore, tmp_path: Path, mark: str) -> None:
    sent = b"GET /rest/v2/users/%s HTTP/1.1\r\nHost: api.flattr.com\r\nAuthorization: Bearer very-secret-0123\r\n\r\n"
    head = [("<= Recv header", line.encode()) for line in HTTP.splitlines(keepends=True)]
    user = USER.encode()
    parts = [("=> Send header", sent % b"ada"), *head, ("<= Recv data", user[:20]), ("<= Recv data", user[20:])]
    parts += [("=> Send header", sent % b"bob"), *head, ("<= Recv data", user.replace(b"ada", b"bob"))]
    import_data(store, tmp_path, make_trace(*parts, mark=mark))
    assert [(str(one.request), one.fetched_at) for one in store.iter_responses()] == [
        ("user username=ada", DATE_SECONDS),
        ("user username=bob", DATE_SECONDS),
    ]


# -- pages that browsers saved, mails


VIEWER = (
    '<html><head><meta charset="utf-8"></head><body><pre style="x">%s</pre><div class="json-formatter"></div></body>'
)
ADDRESS = "https://api.flattr.com/rest/v2/users/ada/things?page=2"


@pytest.mark.parametrize("comment", ["<!-- saved from url=(0053)%s -->\n", "<!--\n Saved\n url: %s\n saved: Mon\n-->"])
def test_a_page_in_which_a_browser_showed_json_is_read(store: ResponseStore, tmp_path: Path, comment: str) -> None:
    shown = escape('[{"type": "thing", "id": 7, "title": "A & <b>"}]', quote=False)
    import_data(store, tmp_path, f"<!DOCTYPE html>{comment % escape(ADDRESS)}{VIEWER % shown}".encode(), "flattr.html")
    assert [(one.url, one.page, json.loads(one.body)[0]["title"]) for one in store.iter_responses()] == [
        (ADDRESS, 2, "A & <b>")
    ]


def test_a_page_in_which_a_browser_showed_xml_is_read(store: ResponseStore, tmp_path: Path) -> None:
    user = "<user><username>ada</username></user>"
    page = f'<html><body><div id="webkit-xml-viewer-source-xml">{user}</div><div>…</div></body></html>'
    import_data(store, tmp_path, page.encode())
    assert saved_requests(store) == ["user username=ada"]


def test_an_ordinary_page_with_a_pre_is_refused(store: ResponseStore, tmp_path: Path) -> None:
    assert "an HTML page" in import_data(store, tmp_path, (VIEWER % "int main()").encode()).skipped[0].reason


def make_mail(**parts: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Date"], mail["Message-ID"] = "Flattr <no-reply@flattr.example>", DATE, "<1@flattr.example>"
    mail.set_content("Here are your flattrs.")
    for name, data in parts.items():
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=f"{name}.json")
    return mail.as_bytes()


def test_the_files_attached_to_a_mail_are_imported_with_its_date(store: ResponseStore, tmp_path: Path) -> None:
    user = gzip.compress(USER.encode(), mtime=0)
    outcome = import_data(store, tmp_path, make_mail(ada=user, flattrs=make_list(2, 1).encode(), notes=b"hello"))
    assert saved_requests(store) == ["user username=ada", "user-flattrs full=1 username=ada"]
    assert {one.fetched_at for one in store.iter_responses()} == {DATE_SECONDS}
    assert [one.place for one in outcome.skipped] == ["notes.json"]


def test_the_mails_of_a_mailbox_are_read_one_by_one(store: ResponseStore, tmp_path: Path) -> None:
    mails = [make_mail(ada=USER.encode()), make_mail(), make_mail(bob=USER.replace("ada", "bob").encode())]
    outcome = import_data(store, tmp_path, b"\n".join(b"From a@b Mon Jan  2 10:00:00 2012\n" + one for one in mails))
    assert saved_requests(store) == ["user username=ada", "user username=bob"]
    assert outcome.skipped_count == 0


def test_json_between_the_lines_of_a_mail_is_imported(store: ResponseStore, tmp_path: Path) -> None:
    mail = MIMEText(f"Hello,\n\n{make_list(2, 1)}\n\nBye")
    mail["Message-ID"] = "<1@x.example>"
    import_data(store, tmp_path, mail.as_bytes())
    assert saved_ids(store) == [2, 1]


def test_a_mail_without_a_file_is_refused(store: ResponseStore, tmp_path: Path) -> None:
    assert "without an attached file" in import_data(store, tmp_path, make_mail()).skipped[0].reason


def test_a_mail_nested_too_deeply_is_refused(store: ResponseStore, tmp_path: Path) -> None:
    parts = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(3000))
    mail = f"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b0\n\n{parts}".encode()
    assert "a damaged mail" in import_data(store, tmp_path, mail).skipped[0].reason


def test_a_page_saved_as_mhtml_has_its_address_and_date(store: ResponseStore, tmp_path: Path) -> None:
    page = MIMEMultipart("related")
    page["From"], page["Snapshot-Content-Location"], page["Date"] = "<Saved by Blink>", ADDRESS, DATE
    part = MIMEText(VIEWER % '[{"type": "thing", "id": 7, "title": "ü"}]', "html", "utf-8")
    part["Content-Location"] = ADDRESS
    page.attach(part)
    import_data(store, tmp_path, page.as_bytes(), "flattr.mhtml")
    assert [(one.url, one.page, one.fetched_at) for one in store.iter_responses()] == [(ADDRESS, 2, DATE_SECONDS)]


@pytest.mark.parametrize("form", [plistlib.FMT_BINARY, plistlib.FMT_XML])
def test_a_web_archive_of_safari_has_the_addresses_of_its_resources(
    store: ResponseStore, tmp_path: Path, form: plistlib.PlistFormat
) -> None:
    def resource(address: str, body: str) -> dict[str, object]:
        return {"WebResourceURL": address, "WebResourceMIMEType": "text/plain", "WebResourceData": body.encode()}

    frame = {"WebMainResource": resource("https://api.flattr.com/rest/v2/users/ada", USER)}
    archive = {
        "WebMainResource": resource(ADDRESS, '[{"type": "thing", "id": 7, "title": "ü"}]'),
        "WebSubresources": [resource("https://example.org/style.css", "p { color: red }")],
        "WebSubframeArchives": [frame, frame],
    }
    outcome = import_data(store, tmp_path, plistlib.dumps(archive, fmt=form), "flattr.webarchive")
    assert {one.url for one in store.iter_responses()} == {ADDRESS, "https://api.flattr.com/rest/v2/users/ada"}
    assert ["https://example.org/style.css" in str(one) for one in outcome.skipped] == [True]


@pytest.mark.parametrize("form", [plistlib.FMT_BINARY, plistlib.FMT_XML])
def test_another_property_list_and_a_damaged_one_are_named(
    store: ResponseStore, tmp_path: Path, form: plistlib.PlistFormat
) -> None:
    other = plistlib.dumps({"WebMainResource": "none", "WebSubresources": 7}, fmt=form)
    assert "not a web archive of Safari" in import_data(store, tmp_path, other, "a").skipped[0].reason
    assert "a damaged property list" in import_data(store, tmp_path, other[:-9], "b").skipped[0].reason


def test_a_cassette_of_responses(store: ResponseStore, tmp_path: Path) -> None:
    cassette = (
        "responses:\n- response:\n    auto_calculate_content_length: false\n    body: '%s'\n"
        "    content_type: application/json\n    method: GET\n    status: 200\n    url: %s\n"
    )
    import_data(store, tmp_path, (cassette % (USER, "https://api.flattr.com/rest/v2/users/ada")).encode(), "r.yaml")
    assert saved_requests(store) == ["user username=ada"]


@pytest.mark.parametrize(
    "response",
    [
        {"response": {"type": "user", "username": "ada"}, "rawHeaders": ["Date", DATE, "Content-Type", "text/json"]},
        {"response": USER, "rawHeaders": {"date": DATE}},
        {
            "response": [gzip.compress(USER.encode(), mtime=0).hex()],
            "rawHeaders": ["date", DATE, "content-encoding", "gzip"],
            "responseIsBinary": True,
        },
    ],
)
def test_recordings_of_nock(store: ResponseStore, tmp_path: Path, response: dict[str, object]) -> None:
    call = {"scope": "http://api.flattr.com:80", "method": "GET", "path": "/rest/v2/users/ada", "status": 200}
    import_data(store, tmp_path, json.dumps([call | response, "odd"]).encode())
    assert [(str(one.request), one.fetched_at) for one in store.iter_responses()] == [
        ("user username=ada", DATE_SECONDS)
    ]


def make_postman(url: object) -> bytes:
    saved = {"originalRequest": {"method": "GET", "url": url}, "code": 200, "body": USER, "header": []}
    info = {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}
    variables = [{"key": "baseUrl", "value": "https://api.flattr.com/rest/v2"}, {"key": "odd"}]
    return json.dumps({"info": info, "variable": variables, "item": [{"name": "a", "response": [saved]}]}).encode()


@pytest.mark.parametrize(
    "url",
    [
        "{{baseUrl}}/users/ada",
        {"raw": "{{baseUrl}}/users/ada"},
        {"host": ["{{baseUrl}}"], "path": ["users", "ada"]},
        {"protocol": "https", "host": ["api", "flattr", "com"], "path": ["rest", "v2", "users", ":username"],
         "variable": [{"key": "username", "value": "ada"}], "query": [{"key": "full", "value": "1", "disabled": True}]},
    ],
)  # fmt: skip
def test_an_address_in_a_postman_collection_is_completed(store: ResponseStore, tmp_path: Path, url: object) -> None:
    import_data(store, tmp_path, make_postman(url))
    assert [one.url for one in store.iter_responses()] == ["https://api.flattr.com/rest/v2/users/ada"]


@pytest.mark.parametrize(
    "line",
    [" CDX N b a m s", '[["urlkey","timestamp"],', 'com,flattr,api)/rest/v2/users/ada 20160102030405 {"url": "x"}'],
)
def test_an_index_of_a_web_archive_is_refused_by_its_name(store: ResponseStore, tmp_path: Path, line: str) -> None:
    assert "import the WARC files" in import_data(store, tmp_path, f"{line}\n".encode()).skipped[0].reason


# -- archives that are old, split or cut off


def make_tar(*names: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in names:
            data = USER.replace("ada", name).encode()
            info = tarfile.TarInfo(f"{name}.json")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def test_a_tar_file_older_than_its_mark_is_read(store: ResponseStore, tmp_path: Path) -> None:
    data = bytearray(make_tar("ada"))
    data[257:512] = bytes(255)
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + sum(data[156:512]) + 8 * 32)
    import_data(store, tmp_path, bytes(data))
    assert saved_requests(store) == ["user username=ada"]


def test_of_a_tar_file_that_is_cut_within_a_member_the_others_are_read(store: ResponseStore, tmp_path: Path) -> None:
    outcome = import_data(store, tmp_path, make_tar("ada", "bob")[: 512 * 3 + 20])
    assert saved_requests(store) == ["user username=ada"]
    assert [one.reason for one in outcome.skipped] == [
        "is damaged or incomplete",
        "is a damaged tar file; what came before the damage was read",
    ]


def test_what_is_left_of_a_cut_compressed_file_is_read(store: ResponseStore, tmp_path: Path) -> None:
    packed = gzip.compress((HTTP + USER + HTTP + USER.replace("ada", "bob")).encode(), mtime=0)
    outcome = import_data(store, tmp_path, packed[:-12])
    assert "user username=ada" in saved_requests(store)
    assert outcome.skipped[-1].reason == "ends early; what came before was read"


@pytest.mark.parametrize("compress", [gzip.compress, lzma.compress, bz2.compress])
@pytest.mark.parametrize("size", [0, 4, 508, 512])
def test_streams_with_padding_between_them_are_all_read(
    store: ResponseStore, tmp_path: Path, compress: Callable[[bytes], bytes], size: int
) -> None:
    first, second = compress((HTTP + USER).encode()), compress((HTTP + USER.replace("ada", "bob")).encode())
    outcome = import_data(store, tmp_path, first + bytes(size) + second + bytes(size))
    assert (saved_requests(store), outcome.skipped_count) == (["user username=ada", "user username=bob"], 0)


def test_a_zip_file_that_is_cut_off_says_how_to_repair_it(store: ResponseStore, tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("ada.json", USER)
    outcome = import_data(store, tmp_path, file.getvalue()[:-30])
    assert "repair it with `zip -FF FILE --out NEW`" in outcome.skipped[0].reason


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_of_a_zip_file_costs_only_itself(store: ResponseStore, tmp_path: Path, method: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("ada.json", USER)
        archive.writestr("bob.json", USER.replace("ada", "bob"))
    data = bytearray(file.getvalue())
    start = data.index(b"ada.json") + len("ada.json") + 12
    data[start : start + 30] = bytes(range(200, 230))
    outcome = import_data(store, tmp_path, bytes(data))
    assert saved_requests(store) == ["user username=bob"]
    assert [(one.place, one.reason) for one in outcome.skipped] == [("ada.json", "is damaged or incomplete")]


def test_a_list_that_is_not_utf_8_is_read(store: ResponseStore, tmp_path: Path) -> None:
    import_data(store, tmp_path, make_list(2, 1).encode("iso-8859-2"))
    [saved] = store.iter_responses()
    assert [one.thing.id for one in decode_page(saved.response_kind, saved.body, saved.content_type).entities] == [2, 1]  # type: ignore[union-attr]


def test_a_trace_without_a_response_is_refused(store: ResponseStore, tmp_path: Path) -> None:
    trace = make_trace(("=> Send SSL data", bytes(32)))
    assert import_data(store, tmp_path, trace).skipped[0].reason == "holds no response"


def test_a_damaged_dictionary_of_zstd_is_named(store: ResponseStore, tmp_path: Path) -> None:
    dictionary = b"\x37\xa4\x30\xec" + bytes(64)
    frame = b"\x5d\x2a\x4d\x18" + len(dictionary).to_bytes(4, "little") + dictionary + zstd.compress(b"WARC/1.0\r\n")
    assert "dictionary" in import_data(store, tmp_path, frame).skipped[0].reason


@pytest.mark.parametrize("name", ["x.zip.001", "x.tar.aa", "x.7z.002", "x.part1.rar", "x.z01"])
def test_a_part_of_a_split_archive_is_refused_by_its_name(store: ResponseStore, tmp_path: Path, name: str) -> None:
    assert "join the parts" in import_data(store, tmp_path, bytes(100), name).skipped[0].reason


def test_a_file_that_is_too_large_is_not_read(store: ResponseStore, tmp_path: Path) -> None:
    with (tmp_path / "sparse.json").open("wb") as file:
        file.truncate(MAX_FILE + 1)
    tracemalloc.start()
    outcome = import_files(store, [tmp_path / "sparse.json"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "split it into smaller files" in outcome.skipped[0].reason
    assert peak < 16 << 20


def make_har_zip(body: bytes, *, spoil: bool) -> bytes:
    """Return a zip file as Playwright writes it: an HTTP archive and, beside it, a file for each body."""
    content = {"mimeType": "application/json", "_file": "0a1b.json"}
    request = {"method": "GET", "url": "https://api.flattr.com/rest/v2/users/ada"}
    entry = {
        "startedDateTime": "2012-01-02T10:00:00Z",
        "request": request,
        "response": {"status": 200, "content": content},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("0a1b.json", body)
        archive.writestr("har.har", json.dumps({"log": {"entries": [entry]}}))
    data = file.getvalue()
    return data.replace(body, b"x" + body[1:], 1) if spoil else data


def test_a_body_beside_an_http_archive_is_imported_once(store: ResponseStore, tmp_path: Path) -> None:
    outcome = import_data(store, tmp_path, make_har_zip(USER.encode(), spoil=False))
    assert (outcome.new, outcome.already_stored, outcome.skipped_count) == (1, 0, 0)
    assert [one.fetched_at for one in store.iter_responses()] == [DATE_SECONDS]


def test_a_damaged_body_beside_an_http_archive_costs_only_its_entry(store: ResponseStore, tmp_path: Path) -> None:
    outcome = import_data(store, tmp_path, make_har_zip(USER.encode(), spoil=True))
    assert outcome.new == 0
    assert "is damaged or incomplete" in outcome.skipped[0].reason


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_an_impossible_name_of_a_body_costs_only_its_entry(store: ResponseStore, tmp_path: Path, name: str) -> None:
    request = {"method": "GET", "url": "https://api.flattr.com/rest/v2/users/ada"}
    entries = [
        {"request": request, "response": {"status": 200, "content": {"_file": name}}},
        {"request": request, "response": {"status": 200, "content": {"text": USER}}},
    ]
    outcome = import_data(store, tmp_path, json.dumps({"log": {"entries": entries}}).encode(), "x.har")
    assert (saved_requests(store), outcome.skipped_count) == (["user username=ada"], 1)


@pytest.mark.parametrize("member", ["[Content_Types].xml", "META-INF/manifest.xml"])
def test_a_spreadsheet_is_refused_as_a_whole(store: ResponseStore, tmp_path: Path, member: str) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in (member, "content.xml", "styles.xml"):
            archive.writestr(name, "<a/>")
    assert [one.reason for one in import_data(store, tmp_path, file.getvalue()).skipped] == [
        "an Office document: save the sheet as CSV"
    ]


# -- YAML of programs


@pytest.mark.parametrize(
    "text",
    [
        "---\n:type: user\n:username: ada\n:about: ':x'\n",
        "--- !ruby/object:OpenStruct\ntype: user\nusername: ada\nabout: ':x'\n",
        "--- !ruby/hash:Hashie::Mash\ntype: user\nusername: !ruby/string:Name ada\nabout: ':x'\n",
        "--- !php/object:User\ntype: user\nusername: ada\nabout: ':x'\ntags: !ruby/array:Tags [a, b]\n",
    ],
)
def test_tags_and_symbols_of_a_program_are_plain_values(store: ResponseStore, tmp_path: Path, text: str) -> None:
    import_data(store, tmp_path, text.encode(), "ada.yaml")
    [saved] = store.iter_responses()
    [user] = decode_page(saved.response_kind, saved.body, saved.content_type).entities
    assert str(saved.request) == "user username=ada"
    assert (getattr(user, "username", ""), getattr(user, "about", "")) == ("ada", ":x")


@pytest.mark.parametrize(
    "path",
    [
        "api.flattr.com/rest/v2/users/ada/things",
        "rest/v2/users/ada/things.json.1",
        "api.flattr.com/rest/v2/users/ada/things?count=2.html",
        "websites/api.flattr.com/rest/v2/users/ada/things@count=2",
        "websites/api.flattr.com/rest/v2/users/ada/things/index.html",
        "20120101000000/api.flattr.com/rest/v2/users/ada/things%3Fcount=2",
        "mirror/api.flattr.com/rest/v2/users/ada/things.html",
    ],
)
def test_a_file_in_a_mirror_of_a_site_has_its_address(store: ResponseStore, tmp_path: Path, path: str) -> None:
    """wget, wayback_machine_downloader, waybackpack, wpull and HTTrack name files after their addresses."""
    file = tmp_path / "mirror" / path
    file.parent.mkdir(parents=True)
    file.write_text('[{"type": "thing", "id": 7, "title": "ü"}]', encoding="utf-8")
    import_files(store, [tmp_path / "mirror"])
    assert saved_requests(store) == ["user-things username=ada"]


@pytest.mark.parametrize(
    ("number", "time"),
    [
        ('{"$numberInt": "%d"}', '{"$date": {"$numberLong": "%d000"}}'),
        ('{"$numberLong":"%d"}', '{"$date":"1970-01-01T00:00:0%d.000Z"}'),
        ('{"$numberDouble": "%d.0"}', '{ "$date" : %d000 }'),
        ("%d", '{"$date": "1970-01-01T00:00:0%d.000+0000"}'),
    ],
)
def test_numbers_and_times_of_a_mongodb_export_are_read(
    store: ResponseStore, tmp_path: Path, number: str, time: str
) -> None:
    rows = [
        make_flattr(2)
        .replace('"id": 2', f'"id": {number % 7}')
        .replace('"created_at": 2', f'"created_at": {time % at}')
        for at in (9, 3)
    ]
    import_data(store, tmp_path, "\n".join('{"_id": {"$oid": "4f"}, ' + row[1:] for row in rows).encode())
    [stored] = store.iter_responses()
    flattrs = decode_page(stored.response_kind, stored.body).entities
    assert [(one.thing.id, one.created_at) for one in flattrs if isinstance(one, Flattr)] == [(7, 9), (7, 3)]


def test_actions_of_elasticsearch_between_documents_are_no_documents(store: ResponseStore, tmp_path: Path) -> None:
    action = '{"index": {"_index": "flattrs", "_id": "1"}}'
    outcome = import_data(store, tmp_path, f"{action}\n{make_flattr(2)}\n{action}\n{make_flattr(1)}\n".encode())
    assert saved_ids(store) == [2, 1]
    assert (outcome.new, outcome.skipped_count) == (1, 0)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda rows: {"hits": {"hits": [{"_id": str(at), "_source": row} for at, row in enumerate(rows)]}},
        lambda rows: {"total_rows": 2, "rows": [{"id": str(at), "doc": row} for at, row in enumerate(rows)]},
        lambda rows: {"_default": {str(at): row for at, row in enumerate(rows)}},
        lambda rows: [{"_source": row} for row in rows],
        lambda rows: {"data": {"user": {"flattrs": rows}}},
        lambda rows: {"flattrs": json.dumps(rows), "theme": "dark"},
        json.dumps,
    ],
)
def test_objects_that_a_database_or_a_script_wrapped_are_one_list(
    store: ResponseStore, tmp_path: Path, wrap: Callable[[list[object]], object]
) -> None:
    outcome = import_data(store, tmp_path, json.dumps(wrap(json.loads(make_list(2, 1)))).encode())
    assert saved_requests(store) == ["user-flattrs full=1 username=ada"]
    assert saved_ids(store) == [2, 1]
    assert (outcome.new, outcome.skipped_count) == (1, 0)


def test_lines_of_wrapped_objects_are_one_list(store: ResponseStore, tmp_path: Path) -> None:
    lines = [f'{{"_id": "{number}", "_source": {make_flattr(number)}}}\n' for number in (2, 1)]
    import_data(store, tmp_path, "".join(lines).encode())
    assert saved_ids(store) == [2, 1]


def test_lists_beside_the_fields_of_an_object_are_read_but_no_parts_of_it(store: ResponseStore, tmp_path: Path) -> None:
    user = json.loads(USER) | {"flattrs": json.loads(make_list(2, 1))}
    import_data(store, tmp_path, json.dumps({"data": {"user": user}}).encode())
    assert saved_requests(store) == ["user username=ada", "user-flattrs full=1 username=ada"]


def test_json_nested_too_deeply_is_refused(store: ResponseStore, tmp_path: Path) -> None:
    outcome = import_data(store, tmp_path, b'{"a":' * 100_000 + make_list(1).encode() + b"}" * 100_000)
    assert [one.reason for one in outcome.skipped] == ["not an object of Flattr's API"]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("---\n{}---\n{}", []),
        ("%YAML 1.1\n---\n{}\n...\n--- # the older one\n{}\n...\n", []),
        ("{}---\nid: [\n---\n{}", ["document 2"]),
        ("# two\n---\n{}---\n# none\n---\n{}", []),
    ],
)
def test_the_documents_of_a_yaml_file_are_one_list(
    store: ResponseStore, tmp_path: Path, text: str, reasons: list[str]
) -> None:
    rows = [
        f"type: flattr\nowner:\n  username: ada\nthing:\n  id: {at}\n  title: x\ncreated_at: {at}\n" for at in (2, 1)
    ]
    outcome = import_data(store, tmp_path, text.format(*rows).encode(), "saved.yaml")
    assert [int(one) for one in saved_ids(store)] == [2, 1]
    assert [one.place for one in outcome.skipped] == reasons


@pytest.mark.parametrize(
    "start", ["var flattrs = ", "const a=", "window.__STATE__ =\n", "export default ", "x.y.part0 = "]
)
def test_a_value_that_a_script_assigns_is_read(store: ResponseStore, tmp_path: Path, start: str) -> None:
    import_data(store, tmp_path, f"{start}{make_list(2, 1)};\n".encode())
    assert saved_ids(store) == [2, 1]
