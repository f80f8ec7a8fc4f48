"""Tests of the import of files that real programs wrote (see producers/recipe.sh), and of secrets and containers."""

import base64
import gzip
import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import brotli
import pytest

from flattr_tui import zstd
from flattr_tui.library.import_export import archive_members, bundle, captured_response
from flattr_tui.library.import_export.exporter import ExportFormat, format_items
from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import import_files
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.store.response_store import ResponseStore
from tests.library.saved_files import BASE, DAY, DAY_SECONDS, Answer, make_warc_record

PRODUCERS = Path(__file__).parent / "producers"
PLANTED = "planted-secret"
SECRET = "s3cr3t0123456789abcdef"
ADA = {"type": "user", "username": "ada", "about": "ü"}
BODY = json.dumps(ADA).encode()
USER, FLATTRS, THINGS = "user username=ada", "user-flattrs username=ada", "user-things username=ada"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def saved_requests(store: ResponseStore) -> set[str]:
    return {str(one.request) for one in store.iter_responses()}


def import_data(store: ResponseStore, tmp_path: Path, data: bytes, name: str = "saved") -> ImportOutcome:
    path = tmp_path / name
    path.write_bytes(data)
    return import_files(store, [path])


def read_everything(store: ResponseStore, folder: Path) -> bytes:
    """Return the bytes of a store's files, of the unpacked bundle of the store, and of its exports in all formats."""
    target = folder / "packed.zip"
    bundle.write_bundle(store, target)
    with zipfile.ZipFile(target) as archive:
        packed = b"".join(archive.read(name) for name in archive.namelist())
    exported = "".join(
        piece
        for one in store.iter_responses()
        for form in ExportFormat
        for piece in format_items(
            decode_page(one.response_kind, one.body, one.content_type).entities, form, kind=one.response_kind
        )
    )
    assert exported
    on_disk = b"".join(file.read_bytes() for file in (folder / "store").rglob("*") if file.is_file())
    return packed + on_disk + exported.encode()


@pytest.mark.parametrize(
    ("name", "requests"),
    [
        ("betamax.json", {USER, FLATTRS}),
        ("curl-i.txt", {USER}),
        ("curl-v.txt", {USER}),
        ("curl-v-two.txt", {FLATTRS, THINGS}),
        ("dictionary.warc.zst", {USER, FLATTRS}),
        ("frames.warc.zst", {USER, FLATTRS}),
        ("js-wacz.wacz", {USER, FLATTRS}),
        ("mitmproxy.har", {USER, FLATTRS}),
        ("mitmproxy.zhar", {USER, FLATTRS}),
        ("py-wacz.wacz", {USER, FLATTRS}),
        ("vcrpy-decoded.yaml", {USER}),
        ("vcrpy.json", {USER, FLATTRS}),
        ("vcrpy.yaml", {USER, FLATTRS}),
        ("warcio.warc.gz", {USER, FLATTRS}),
        ("wget-folder.tar.gz", {FLATTRS, THINGS}),
        ("wget.warc.gz", {USER, FLATTRS}),
        ("zstd.zip", {USER}),
    ],
)
def test_a_file_of_a_real_producer(store: ResponseStore, tmp_path: Path, name: str, requests: set[str]) -> None:
    outcome = import_files(store, [PRODUCERS / name])
    assert saved_requests(store) == requests
    assert outcome.skipped_count == (name == "wget.warc.gz")  # its command line
    assert PLANTED.encode() not in read_everything(store, tmp_path)


def test_every_file_of_a_producer_is_tested() -> None:
    tested = {mark[0] for mark in test_a_file_of_a_real_producer.pytestmark[0].args[1]}  # type: ignore[attr-defined]
    assert tested == {file.name for file in PRODUCERS.iterdir()} - {"recipe.sh"}


# -- secrets


def make_entry(**response: Any) -> dict[str, Any]:
    sent = [{"name": name, "value": SECRET} for name in ("Authorization", "Cookie", "X-Token")]
    return {
        "startedDateTime": DAY,
        "comment": SECRET,
        "request": {
            "method": "GET",
            "url": f"https://ada:{SECRET}@api.flattr.com/rest/v2/users/ada?access_token={SECRET}",
            "headers": sent,
            "cookies": sent,
            "queryString": sent,
            "postData": {"text": SECRET},
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Set-Cookie", "value": f"sid={SECRET}"}],
            "cookies": sent,
            "content": {"text": BODY.decode(), "mimeType": "application/json"},
            **response,
        },
    }


HEAD = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: sid={SECRET}\r\n\r\n".encode()
SENT = (
    f"GET /rest/v2/users/ada HTTP/1.1\r\nHost: api.flattr.com\r\nAuthorization: Bearer {SECRET}\r\n"
    f"Cookie: sid={SECRET}\r\n\r\n"
).encode()
MARKED = b"".join(b"> " + line + b"\r\n" for line in SENT.split(b"\r\n")[:-1])
INTERACTION = {
    "request": {
        "method": "get",
        "uri": f"{BASE}/users/ada?access_token={SECRET}",
        "headers": {"Authorization": [SECRET], "Cookie": [SECRET]},
        "body": {"encoding": "UTF-8", "string": SECRET},
    },
    "response": {
        "status": {"code": 200, "message": "OK"},
        "headers": {"Set-Cookie": [SECRET], "Content-Encoding": ["gzip"]},
        "body": {"encoding": "UTF-8", "string": BODY.decode()},
    },
    "recorded_at": "2014-05-06T07:08:09+02:00",
}
EXAMPLE = {
    "name": "saved",
    "originalRequest": {
        "method": "GET",
        "header": [{"key": "Authorization", "value": f"Bearer {SECRET}"}],
        "url": {
            "raw": "{{host}}/rest/v2/users/:name?access_token=" + SECRET,
            "variable": [{"key": "name", "value": "ada"}],
        },
    },
    "code": 200,
    "header": [{"key": "Set-Cookie", "value": SECRET}],
    "cookie": [{"value": SECRET}],
    "body": BODY.decode(),
}
COLLECTION = {
    "info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "auth": {"type": "bearer", "bearer": [{"key": "token", "value": SECRET}]},
    "variable": [{"key": "token", "value": SECRET}],
    "item": [{"name": "folder", "item": [{"name": "user", "request": {}, "response": [EXAMPLE]}]}],
}
FEED = (
    '<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom"><channel><item><title>One</title>'
    f"<link>http://p.example/?access_token={SECRET}</link>"
    '<a:link rel="payment" href="https://flattr.com/submit/auto?user_id=ada&amp;url=http%3A%2F%2Fp.example%2F1'
    f'%3Faccess_token%3D{SECRET}&amp;title=One"/></item></channel></rss>'
)
RUBY = (
    f"---\nhttp_interactions:\n- request:\n    method: get\n    uri: {BASE}/users/ada\n    headers:\n"
    f"      Authorization:\n      - Bearer {SECRET}\n  response:\n    status:\n      code: 200\n    headers:\n"
    f"      Set-Cookie:\n      - {SECRET}\n    body:\n      encoding: UTF-8\n"
    "      string: '" + BODY.decode() + "'\n  recorded_at: Tue, 06 May 2014 07:08:09 GMT\nrecorded_with: VCR 2.9.3\n"
)
ADDRESS = f"{BASE}/users/ada"
ANSWERED = "".join(f"< {line}\r\n" for line in HEAD.decode().split("\r\n")[:-1]).encode()
KINDS = {
    "har": json.dumps({"log": {"entries": [make_entry()], "comment": SECRET}}).encode(),
    "half a har": json.dumps({"log": {"entries": [make_entry(), make_entry()]}}).encode()[:-9],
    "warc": make_warc_record("request", ADDRESS, SENT) + make_warc_record("response", ADDRESS, HEAD + BODY),
    "damaged warc": make_warc_record("response", ADDRESS, HEAD + BODY)[:-4] + SENT
    + make_warc_record("response", f"{BASE}/users/bob", HEAD + BODY.replace(b"ada", b"bob")),
    "curl -i": HEAD + BODY,
    "httpie": SENT + HEAD + BODY,
    "curl -v": b"*   Trying 1.2.3.4...\n" + MARKED + ANSWERED + BODY,
    "a terminal's log": b"$ curl -H 'Authorization: Bearer " + SECRET.encode() + b"' https://x.example\n" + BODY,
    "json": json.dumps({**ADA, "access_token": SECRET, "link": f"http://a.example/?access_token={SECRET}"}).encode(),
    "jsonp": f"cb_{SECRET}({BODY.decode()});".encode(),
    "xml": f"<user><username>ada</username><access_token>{SECRET}</access_token></user>".encode(),
    "yaml.yaml": f"username: ada\ntype: user\naccess_token: {SECRET}\n# Authorization: Bearer {SECRET}\n".encode(),
    "vcr": RUBY.encode(),
    "betamax": json.dumps({"http_interactions": [INTERACTION], "recorded_with": SECRET}).encode(),
    "postman": json.dumps(COLLECTION).encode(),
    "feed": FEED.encode(),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_no_secret_in_a_file_is_kept(store: ResponseStore, tmp_path: Path, kind: str) -> None:
    outcome = import_data(store, tmp_path, KINDS[kind], kind)
    assert outcome.new
    for found in (read_everything(store, tmp_path), repr(outcome).encode()):
        assert SECRET.encode() not in found


# -- containers


def make_container(name: str) -> bytes:
    """Return an archive with two responses; `name` is its format."""
    out = io.BytesIO()
    if name.startswith("zip"):
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("api.flattr.com/rest/v2/users/ada/flattrs?count=5", b"[]")
            archive.writestr("deep/x.json", BODY)
        return out.getvalue()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, data in (("api.flattr.com/rest/v2/users/ada/flattrs?count=5", b"[]"), ("deep/x.json", BODY)):
            info = tarfile.TarInfo(path)
            info.size, info.mtime = len(data), 1_399_360_089
            tar.addfile(info, io.BytesIO(data))
    data = out.getvalue()
    half = len(data) // 2
    match name:
        case "gz":  # two members: tarfile's mode `r|gz` stops after the first
            return gzip.compress(data[:half]) + gzip.compress(data[half:])
        case "zst":
            frames: list[bytes] = [zstd.compress(part) for part in (data[:half], data[half:])]
            return b"\x50\x2a\x4d\x18\x01\0\0\0x".join(frames)
        case "xz":
            import lzma  # noqa: PLC0415

            return lzma.compress(data)
    return data


@pytest.mark.parametrize("name", ["zip", "tar", "gz", "zst", "xz"])
def test_files_in_an_archive_are_read(store: ResponseStore, tmp_path: Path, name: str) -> None:
    outcome = import_data(store, tmp_path, make_container(name))
    assert (outcome.skipped_count, saved_requests(store)) == (0, {USER, FLATTRS})
    if name != "zip":  # times in a zip file have no time zone
        assert {one.fetched_at for one in store.iter_responses()} == {DAY_SECONDS}


def test_a_tar_that_ends_with_a_zip_is_a_tar(store: ResponseStore, tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, data in (("x.json", BODY), ("inner.zip", make_container("zip"))):
            info = tarfile.TarInfo(path)
            info.size, info.mtime = len(data), 1_399_360_089
            tar.addfile(info, io.BytesIO(data))
    assert zipfile.is_zipfile(io.BytesIO(out.getvalue())), "see findings/zipfile-zip-at-the-end-of-a-tar.sh"
    outcome = import_data(store, tmp_path, out.getvalue())
    assert (outcome.skipped_count, saved_requests(store)) == (0, {USER, FLATTRS}), "the zip inside is read as well"


def test_a_folder_is_walked_and_its_links_are_not_followed(store: ResponseStore, tmp_path: Path) -> None:
    folder = tmp_path / "kept" / "api.flattr.com" / "rest" / "v2" / "users"
    folder.mkdir(parents=True)
    (folder / "ada").write_bytes(BODY)
    (folder / "ada.1").write_bytes(BODY)
    (tmp_path / "outside.json").write_bytes(BODY.replace(b"ada", b"eve"))
    (folder / "link.json").symlink_to(tmp_path / "outside.json")
    (folder / "loop").symlink_to(tmp_path / "kept")
    outcome = import_files(store, [tmp_path / "kept"])
    assert (saved_requests(store), [one.reason for one in outcome.skipped]) == ({USER}, ["a link", "a link"])


@pytest.mark.parametrize("depth", [1, 2])
def test_an_archive_in_an_archive_is_read_but_none_deeper(store: ResponseStore, tmp_path: Path, depth: int) -> None:
    data = make_container("zip")
    for _ in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("inner.zip", data)
        data = out.getvalue()
    outcome = import_data(store, tmp_path, data)
    assert saved_requests(store) == ({USER, FLATTRS} if depth == 1 else set())
    assert [one.reason[:36] for one in outcome.skipped] == ["an archive inside two other archives"] * (depth - 1)


def test_unsafe_members_of_an_archive_are_refused_by_name(store: ResponseStore, tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind in (("../evil.json", b"0"), ("/etc/evil.json", b"0"), ("link.json", b"2"), ("pipe", b"6")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, "/etc/passwd", len(BODY) if kind == b"0" else 0
            tar.addfile(info, io.BytesIO(BODY))
        for name, data in (
            ("data.db", b"SQLite format 3\0" + bytes(99)),
            ("x.pickle", b"\x80\x04\x95" + bytes(8) + b"\x8c"),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    outcome = import_data(store, tmp_path, out.getvalue())
    assert saved_requests(store) == set()
    assert [(one.place, one.reason.partition(":")[0]) for one in outcome.skipped] == [
        ("../evil.json", "its name leads out of the archive"),
        ("/etc/evil.json", "its name leads out of the archive"),
        ("link.json", "a link"),
        ("pipe", "not a file"),
        ("data.db", "is a damaged SQLite database; what came before the damage was read"),
        ("x.pickle", "a Python pickle, which could run code, so it is never opened"),
    ]
    assert not (tmp_path.parent / "evil.json").exists()


def test_a_compression_bomb_is_left_out_alone(
    store: ResponseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(captured_response, "MAX_FILE", 1 << 20)
    monkeypatch.setattr(archive_members, "MIN_LIMIT", 4 << 20)
    monkeypatch.setattr(archive_members, "MAX_RATIO", 2)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("first.json", BODY)
        for number in range(9):
            archive.writestr(f"bomb-{number}.json", b" " * (2 << 20))
    outcome = import_data(store, tmp_path, out.getvalue())
    assert saved_requests(store) == {USER}
    assert {one.reason[:19] for one in outcome.skipped} == {"is larger than 1,04", "unpacks to more tha"}


def test_a_har_with_its_bodies_beside_it(store: ResponseStore, tmp_path: Path) -> None:
    """Playwright writes such an archive, in a folder or a zip file."""
    content = {"size": 7, "mimeType": "application/json", "_file": "1234.json"}
    har = json.dumps({"log": {"entries": [make_entry(content=content)]}}).encode()
    (tmp_path / "1234.json").write_bytes(BODY)
    assert import_data(store, tmp_path, har, "a.har").new == 1
    with zipfile.ZipFile(tmp_path / "b.har.zip", "w") as archive:
        archive.writestr("har.har", har.replace(b"users/ada", b"users/bob"))
        archive.writestr("1234.json", BODY.replace(b"ada", b"bob"))
    import_files(store, [tmp_path / "b.har.zip"])
    assert saved_requests(store) == {USER, "user username=bob"}
    missing = import_data(store, tmp_path, har.replace(b"1234", b"none"), "c.har")
    assert "'none.json' is not beside the archive" in missing.skipped[0].reason


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", brotli.compress(BODY)),
        ("zstd", zstd.compress(BODY)),
        ("br", BODY),
        ("zstd", BODY),
        ("deflate", BODY),
        ("gzip, br", brotli.compress(gzip.compress(BODY, mtime=0))),
        ("", gzip.compress(BODY, mtime=0)),
    ],
)
def test_an_encoding_is_recognised_by_the_bytes(
    store: ResponseStore, tmp_path: Path, encoding: str, body: bytes
) -> None:
    named = f"Content-Encoding: {encoding}\r\n" if encoding else ""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{named}\r\n".encode()
    assert import_data(store, tmp_path, make_warc_record("response", f"{BASE}/users/ada", head + body)).new == 1
    assert next(iter(store.iter_responses())).body == BODY


def test_plain_text_that_a_har_declares_as_base64_is_read(store: ResponseStore, tmp_path: Path) -> None:
    har = json.dumps({"log": {"entries": [make_entry(content={"text": BODY.decode(), "encoding": "base64"})]}}).encode()
    assert import_data(store, tmp_path, zlib.compress(har), "a.zhar").new == 1
    assert Answer(f"{BASE}/users/ada", BODY).body == next(iter(store.iter_responses())).body


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(BODY, mtime=0)), ("br", brotli.compress(BODY)), ("deflate", zlib.compress(BODY))],
)
def test_chunks_that_polly_js_saves_in_base64_are_joined(
    store: ResponseStore, tmp_path: Path, encoding: str, packed: bytes
) -> None:
    """Shown by findings/polly-hars-hold-lists-of-chunks.sh."""
    chunks = [base64.b64encode(chunk).decode() for chunk in (packed[:10], packed[10:])]
    entry = make_entry(
        content={"text": json.dumps(chunks), "encoding": "base64", "mimeType": "application/json"},
        headers=[{"name": "Content-Encoding", "value": encoding}],
    )
    assert import_data(store, tmp_path, json.dumps({"log": {"entries": [entry]}}).encode()).new == 1
    assert next(iter(store.iter_responses())).body == BODY


def test_a_list_that_a_har_declares_as_base64_is_read(store: ResponseStore, tmp_path: Path) -> None:
    entry = make_entry(
        content={"text": f"[{BODY.decode()}]", "encoding": "base64"},
        headers=[{"name": "content-encoding", "value": "gzip"}],
    )
    assert import_data(store, tmp_path, json.dumps({"log": {"entries": [entry]}}).encode()).new == 1
    assert next(iter(store.iter_responses())).body == b"[" + BODY + b"]"


def test_bytes_that_mitmproxy_writes_as_surrogates_are_read(store: ResponseStore, tmp_path: Path) -> None:
    """Shown by findings/mitmproxy-hars-have-surrogates.sh."""
    body = BODY.replace(b'"ada"', b'"Zo\xeb"')
    content = {"text": body.decode("utf-8", "surrogateescape"), "mimeType": "application/json; charset=iso-8859-1"}
    har = json.dumps({"log": {"entries": [make_entry(content=content)]}}).encode()
    assert import_data(store, tmp_path, har).new == 1
    [saved] = store.iter_responses()
    assert saved.body == body
    assert "Zoë" in str(decode_page(saved.response_kind, body, "application/json; charset=iso-8859-1").entities)
