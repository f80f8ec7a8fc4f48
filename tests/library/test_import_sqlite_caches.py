"""Tests of the import of databases (SQLite) in which programs cache responses.

The databases are made here. They have the same tables as databases that the named programs have written.
"""

import gzip
import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flattr_tui.library.import_export.captured_response import MAX_BODY
from flattr_tui.library.import_export.importer import import_files
from flattr_tui.store.response_store import ResponseStore
from tests.library.saved_files import BASE, DAY_SECONDS
from tests.library.test_import_http_recordings import ADDRESS, DATE, FLATTRS, RECORDINGS, TEXT

REQUEST = "user-flattrs username=ada"
HEAD = {
    "request": {"method": "GET", "url": ADDRESS, "headers": {"authorization": ["planted-secret"]}},
    "response": {"status_code": 200, "headers": {"date": [DATE], "content-type": ["application/json"]}},
}
HALVES = [(b"\1", 0, TEXT[:9].encode()), (b"\1", 1, TEXT[9:].encode()), (b"\1", -1, b"")]
DISKCACHE = "CREATE TABLE Cache (rowid INTEGER PRIMARY KEY, key BLOB, store_time REAL, access_time REAL, value BLOB)"
STREAMS = "CREATE TABLE streams (entry_id BLOB, chunk_number INTEGER, chunk_data BLOB)"
DATABASES: dict[str, list[tuple[str, list[tuple[Any, ...]]]]] = {
    "hishel 0": [
        ("CREATE TABLE cache (key TEXT, data BLOB, date_created REAL)", [("6b51", RECORDINGS["hishel 0"], 1.0)])
    ],
    "hishel 1": [
        (
            "CREATE TABLE entries (id BLOB PRIMARY KEY, cache_key BLOB, data BLOB, created_at REAL, deleted_at REAL)",
            [(b"\1", b"5a24", msgspec.msgpack.encode({"id": b"\1", **HEAD, "meta": {}}), 1.0, None)],
        ),
        (STREAMS, HALVES),
    ],
    "hishel 2": [
        (
            "CREATE TABLE entries (id BLOB PRIMARY KEY, cache_key BLOB, data BLOB, last_accessed_at REAL)",
            [(b"\1", b"5a24", msgspec.msgpack.encode(HEAD), 1.0)],
        ),
        (STREAMS, HALVES),
    ],
    "requests-cache, JSON": [
        (
            "CREATE TABLE responses (key TEXT PRIMARY KEY, value BLOB, expires INTEGER)",
            [("b82f", RECORDINGS["requests-cache"], None)],
        ),
        ("CREATE TABLE redirects (key TEXT PRIMARY KEY, value BLOB, expires INTEGER)", []),
    ],
    "requests-cache, YAML": [
        (
            "CREATE TABLE responses (key TEXT PRIMARY KEY, value BLOB, expires INTEGER)",
            [("b82f", RECORDINGS["requests-cache, YAML"], None)],
        )
    ],
    "diskcache, text": [(DISKCACHE, [(1, f"GET {ADDRESS}", DAY_SECONDS, 9e9, TEXT)])],
    "diskcache, JSONDisk": [
        (DISKCACHE, [(1, zlib.compress(b'"flattrs"', 1), DAY_SECONDS, 9e9, zlib.compress(TEXT.encode(), 1))])
    ],
    "a table of one's own": [
        ("CREATE TABLE 'a\"b' (url TEXT, body TEXT, fetched TEXT)", [(ADDRESS, TEXT, "2014-05-06 07:08:09")])
    ],
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def make_database(path: Path, tables: list[tuple[str, list[tuple[Any, ...]]]]) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for statement, rows in tables:
            database.execute(statement)
            name = statement.removeprefix("CREATE TABLE ").partition(" (")[0]
            for row in rows:
                database.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
        database.commit()
    return path


@pytest.mark.parametrize("program", DATABASES)
def test_the_rows_of_a_cache_are_read(store: ResponseStore, tmp_path: Path, program: str) -> None:
    outcome = import_files(store, [make_database(tmp_path / "cache.db", DATABASES[program])])
    assert (outcome.new, outcome.skipped) == (1, [])
    [saved] = store.iter_responses()
    assert (str(saved.request).replace(" full=1", ""), saved.fetched_at) == (REQUEST, DAY_SECONDS)
    assert json.loads(saved.body) == FLATTRS


def test_a_body_that_is_shorter_than_its_address_is_read(store: ResponseStore, tmp_path: Path) -> None:
    row = (f"{BASE}/users/ada?full=1&_={'0' * 99}", '{"type":"user","username":"ada"}')
    import_files(store, [make_database(tmp_path / "a.db", [("CREATE TABLE answers (url TEXT, body TEXT)", [row])])])
    assert [str(saved.request) for saved in store.iter_responses()] == ["user username=ada"]


def test_a_large_value_of_another_site_hides_no_rows(store: ResponseStore, tmp_path: Path) -> None:
    rows = [("https://example.org/video", bytes(2 * MAX_BODY + 1)), (ADDRESS, TEXT)]
    path = make_database(tmp_path / "a.db", [("CREATE TABLE answers (url TEXT, body TEXT)", rows)])
    outcome = import_files(store, [path])
    assert (outcome.new, outcome.skipped) == (1, [])


def test_a_compressed_database_within_an_archive_is_read(store: ResponseStore, tmp_path: Path) -> None:
    path = make_database(tmp_path / "cache.db", DATABASES["hishel 2"])
    packed = tmp_path / "cache.db.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert import_files(store, [packed]).new == 1


def test_pickles_in_a_database_are_named_and_never_opened(store: ResponseStore, tmp_path: Path) -> None:
    row = ("310d", b"\x80\x04\x95\x98\x05\x00\x00\x00\x00\x00\x00\x8c\x1daiohttp_client_cache.response")
    path = make_database(tmp_path / "cache.db", [("CREATE TABLE responses (key, value)", [row])])
    [left_out] = import_files(store, [path]).skipped
    assert left_out.place == "responses row 1"
    assert left_out.reason.startswith("a Python pickle, which could run code, so it is never opened")


def test_a_database_without_responses_is_named(store: ResponseStore, tmp_path: Path) -> None:
    path = make_database(tmp_path / "cookies.db", [("CREATE TABLE cookies (host, value)", [("a.example", "id")])])
    assert [one.reason for one in import_files(store, [path]).skipped] == [
        "an SQLite database in which no row is a response"
    ]


def test_a_damaged_database_gives_its_first_rows(store: ResponseStore, tmp_path: Path) -> None:
    rows = [(f"{BASE}/users/u{n}", json.dumps({"type": "user", "username": f"u{n}"})) for n in range(200)]
    tables = [*DATABASES["diskcache, text"], ("CREATE TABLE answers (url TEXT, body TEXT)", rows)]
    path = make_database(tmp_path / "cache.db", tables)
    path.write_bytes(path.read_bytes()[:-4096])
    outcome = import_files(store, [path])
    assert 1 < outcome.new < 200
    assert [one.reason for one in outcome.skipped] == [
        "is a damaged SQLite database; what came before the damage was read"
    ]


def test_a_damaged_name_in_a_database_is_no_crash(store: ResponseStore, tmp_path: Path) -> None:
    trigger = "CREATE TRIGGER counted AFTER INSERT ON Cache BEGIN UPDATE Cache SET key = 1; END"
    path = make_database(tmp_path / "cache.db", [*DATABASES["diskcache, text"], (trigger, [])])
    path.write_bytes(path.read_bytes().replace(b"BEGIN UPDATE", b"BEGIN \x9cPDATE"))
    assert [one.reason for one in import_files(store, [path]).skipped] == [
        "is a damaged SQLite database; what came before the damage was read"
    ]


def test_a_value_beside_the_database_is_reported(store: ResponseStore, tmp_path: Path) -> None:
    table = "CREATE TABLE Cache (key BLOB, store_time REAL, filename TEXT, value BLOB)"
    make_database(tmp_path / "cache.db", [(table, [(ADDRESS, 1.0, "e6/4c/f817.val", None)])])
    (tmp_path / "e6").mkdir()
    (tmp_path / "e6" / "f817.val").write_text(TEXT)
    outcome = import_files(store, [tmp_path / "cache.db", tmp_path / "e6"])
    assert (outcome.new, [one.reason.partition(":")[0] for one in outcome.skipped]) == (
        1,
        ["its body is in a file beside the database"],
    )


def test_a_database_that_is_still_written_says_so(store: ResponseStore, tmp_path: Path) -> None:
    path = make_database(tmp_path / "cache.db", DATABASES["diskcache, text"])
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO Cache VALUES (2, 'x', 1.0, 1.0, '{}')")
        writer.commit()
        outcome = import_files(store, [path])
    assert (outcome.new, len(outcome.skipped)) == (1, 1)
    assert outcome.skipped[0].reason.startswith("the newest rows of an SQLite database that was not closed")


def test_a_database_whose_rows_are_all_beside_it_says_so(store: ResponseStore, tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = wal")
        writer.execute("CREATE TABLE Cache (key TEXT, value BLOB)")
        writer.execute("INSERT INTO Cache VALUES (?, ?)", (ADDRESS, TEXT))
        writer.commit()
        outcome = import_files(store, [path])
    assert [one.reason.partition(":")[0] for one in outcome.skipped] == [
        "the newest rows of an SQLite database that was not closed"
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW answers AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT '{}' FROM n",
        "CREATE VIRTUAL TABLE answers USING fts5(body)",
    ],
)
def test_views_and_virtual_tables_are_not_read(store: ResponseStore, tmp_path: Path, statement: str) -> None:
    path = make_database(tmp_path / "cache.db", DATABASES["diskcache, text"])
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()
    outcome = import_files(store, [path])
    assert (outcome.new, outcome.skipped) == (1, [])


def test_a_join_that_would_not_end_is_stopped(
    store: ResponseStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flattr_tui.store.foreign_database._MAX_STEPS", 1)
    [(entries, [row]), (streams, _)] = DATABASES["hishel 2"]
    without_key = entries.replace(" PRIMARY KEY", "")
    many = [(without_key, [row] * 2000), (streams, [(b"\1", 0, b"x")] * 2000)]
    outcome = import_files(store, [make_database(tmp_path / "cache.db", many)])
    assert [one.reason for one in outcome.skipped] == [
        "is a damaged SQLite database; what came before the damage was read"
    ]
