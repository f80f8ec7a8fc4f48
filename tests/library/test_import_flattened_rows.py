"""Tests of the import of objects that `export`, converters and spreadsheets wrote as rows."""

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.flattened_rows import unflatten
from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import import_files
from flattr_tui.library.import_export.plain_json import to_plain_json
from flattr_tui.model.entities import Flattr, Thing, User
from flattr_tui.model.entity_decoder import decode_page
from flattr_tui.store.response_store import ResponseStore

ADA = User(username="ada")
FLATTRS = (
    Flattr(thing=Thing(id=8, title="€, b", tags=("x", "y")), owner=ADA, created_at=1388534400),
    Flattr(thing=Thing(id=7, title="=1", flattrs=2), owner=ADA, created_at=1367822828),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    with closing(ResponseStore.open(tmp_path / "store", notice=pytest.fail)) as opened:
        yield opened


def import_data(store: ResponseStore, tmp_path: Path, data: bytes) -> ImportOutcome:
    path = tmp_path / "saved"
    path.write_bytes(data)
    return import_files(store, [path])


TABLE = """\
thing.id,thing.title,thing.tags,thing.flattrs,owner.username,created_at
8,"€, b","x, y",,ada,2014-01-01T00:00:00Z
7,'=1,,2,ada,2013-05-06T06:47:08Z
"""
TYPED = """\
type,created_at,thing.type,thing.id,thing.title,thing.tags,thing.flattrs,owner.username
flattr,1388534400,thing,8,"€, b","['x', 'y']",,ada
flattr,1367822828,thing,7,=1,nan,2.0,ada
""".replace("nan", "")


@pytest.mark.parametrize(
    "data",
    [
        TABLE.encode(),
        TABLE.encode("utf-8-sig").replace(b"\n", b"\r\n"),
        TABLE.encode("cp1252"),
        TABLE.replace(",", ";").replace("€;", "€,").replace("x;", "x,").encode("utf-16"),
        TABLE.replace('"', "").replace(",", "\t").replace("€\t", "€,").replace("x\t", "x,").encode(),
        TABLE.encode("utf-8-sig").replace(b"\n", b"\r"),  # Excel on a Mac
        TYPED.encode(),
        f"sep=,\r\n{TYPED}".encode(),
        TYPED.replace("type,", ",type,", 1).replace("\nflattr", "\n0,flattr").encode(),  # pandas, with its index
        TYPED.replace("thing.", "thing/").replace("owner.", "owner/").encode(),  # in2csv
        TYPED.replace("thing.", "thing_").replace("owner.", "owner_").encode(),
        (
            "type\tthing:id\tthing:title\tthing:tags:0\tthing.tags.1\towner:username\tcreated_at\n"
            "flattr\t8\t€, b\tx\ty\tada\t1388534400\n"
            "\ntype\tthing:id\tthing:title\tthing:flattrs\towner:username\tcreated_at\n"  # Miller
            "flattr\t7\t=1\t2\tada\t1367822828\n"
        ).encode(),
        (
            "type,thing,owner,created_at\n"
            'flattr,"{""id"": 8, ""title"": ""€, b"", ""tags"": [""x"", ""y""]}","{""username"": ""ada""}",1388534400\n'
            "flattr,\"{'id': 7, 'title': '=1', 'flattrs': 2, 'url': None}\",{'username': 'ada'},1367822828\n"
        ).encode(),
        json.dumps(
            [
                {"type": "flattr", "thing.id": 8.0, "thing.title": "€, b", "thing.tags.0": "x", "thing.tags.1": "y"}
                | {"owner.username": "ada", "created_at": 1388534400.0},
                {"type": "flattr", "thing.id": 7, "thing.title": "=1", "thing.flattrs": 2, "owner.username": "ada"}
                | {"created_at": 1367822828},
            ]
        ).encode(),
    ],
)
def test_rows_become_the_same_flattrs(store: ResponseStore, tmp_path: Path, data: bytes) -> None:
    outcome = import_data(store, tmp_path, data)
    assert outcome.skipped == []
    [stored] = store.iter_responses()
    assert str(stored.request) == "user-flattrs full=1 username=ada"
    assert decode_page(stored.response_kind, stored.body).entities == FLATTRS


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"thing.id,owner.username\n", b"[{'a':", b"[{a: 1", b"var a = [{"])
)
def test_any_bytes_are_read_or_refused(data: bytes, beginning: bytes) -> None:
    with suppress(UnreadableError):
        assert isinstance(unflatten(to_plain_json(beginning + data)), bytes)


def test_lines_of_flattened_json_become_their_objects(store: ResponseStore, tmp_path: Path) -> None:
    lines = '{"id": 7, "title": "A", "owner.username": "ada"}\n{"id": 8, "title": "B", "owner.username": "bob"}\n'
    assert import_data(store, tmp_path, lines.encode()).skipped == []
    assert [str(one.request) for one in store.iter_responses()] == ["things id=7,8"]


def test_rows_of_several_kinds_lose_none(store: ResponseStore, tmp_path: Path) -> None:
    table = "username,resource,id,title,thing.id,owner.username\nada,,,,,\n,,7,A,,\n,,,,8,bob\n"
    assert import_data(store, tmp_path, table.encode()).skipped == []
    assert sorted(str(one.request) for one in store.iter_responses()) == [
        "things id=7",
        "user username=ada",
        "user-flattrs full=1 username=bob",
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("thing.title,thing.url,owner.username\nA,http://a.example,ada\n", "a table without the ids of the things"),
        (TABLE.replace("2013-05-06T06:47:08Z", "06.05.13 6:47"), "a table with the date '06.05.13 6:47' in line 3"),
        (TABLE.replace('"', ""), "a table whose line 2 has more cells than the first line"),
        ('thing.id,owner.username\n"' + "7" * 200_000, "a table that can't be read"),
        ("type,thing,owner\nflattr,[object Object],[object Object]\n", "nothing that can be read"),
        ("name,id,title\na,7,A\n", "in no format that can be imported"),
        ("id,title,owner_name,url\n7,A,Bob,http://a.example\n", "in no format that can be imported"),
        ("id;type;created_at;title\n7;transfer;2013-05-06;Rent\n", "objects of the type 'transfer', which the Flattr"),
        ('[{"id": 7, "type": "text/x-moz-place", "title": "A"}]', "objects of the type 'text/x-moz-place', which the"),
        ("| thing.id | title |\n| --- | --- |\n| 7 | A |\n", "a table in Markdown"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused(store: ResponseStore, tmp_path: Path, data: str, reason: str) -> None:
    outcome = import_data(store, tmp_path, data.encode())
    assert [one.reason.startswith(reason) for one in outcome.skipped] == [True], outcome.skipped
    assert list(store.iter_responses()) == []
