"""Tests that `flattr-tui cache verify` names each damage, and that `cache rebuild` repairs the catalogue."""

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from flattr_tui.cli.command_output import ProgressLine
from flattr_tui.store.catalogue_database import VERSION
from flattr_tui.store.catalogue_schema import Scope
from flattr_tui.store.safe_databases import DATABASE
from flattr_tui.store.stored_response import row_key
from tests.cli.conftest import Flattr
from tests.cli.saved_pages import BO, NOW, read_keys, read_lists
from tests.store.sample_responses import ADA, body, open_stores, response, save_responses
from tests.store.sample_responses import flattr as make_flattr


def execute(data: Path, sql: str, *values: object, of: str = f"responses/{DATABASE}") -> None:
    with closing(sqlite3.connect(data / of)) as connection, connection:
        assert connection.execute(sql, values).rowcount


# -- verify


def test_verify_succeeds_while_another_program_has_the_store_open(flattr: Flattr, data: Path) -> None:
    with open_stores(data):
        assert flattr("cache", "verify") == (0, "5 responses can be read; all is well.\n", "")


def largest_file(data: Path) -> Path:
    """Return the largest file of the store, which contains response 5."""
    return max((data / "responses").rglob("*.val"), key=lambda path: path.stat().st_size)


def move_into_rows(data: Path) -> None:
    """Move small responses from files to rows of the database, where versions before 0.2 stored them."""
    with closing(sqlite3.connect(data / "responses" / DATABASE)) as connection, connection:
        for name, number in connection.execute("SELECT filename, rowid FROM Cache WHERE filename NOTNULL").fetchall():
            value = (data / "responses" / name).read_bytes()
            if len(value) < 32_768:
                change = "UPDATE Cache SET filename = NULL, mode = 1, value = ?, size = 0 WHERE rowid = ?"
                connection.execute(change, (value, number))
                (data / "responses" / name).unlink()


def truncate(path: Path, size: int) -> None:
    for beside in path.parent.glob(f"{path.name}-*"):
        beside.unlink()
    path.write_bytes(path.read_bytes()[:size])


def damage_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 2] = b"\xff" * (len(content) // 2 - len(content) // 3)
    path.write_bytes(content)


def overwrite(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def remove_all(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink()


def change_version(data: Path) -> None:
    with closing(sqlite3.connect(data / "catalogue.sqlite")) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION ^ 1}")


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a changed row": (
        lambda data: execute(data, "UPDATE Cache SET value = substr(value, 1, 100) WHERE key = ?", row_key(2)),
        "Saved response 2 is damaged: open its page again",
    ),
    "a row in another's place": (
        lambda data: execute(
            data,
            "UPDATE Cache SET value = (SELECT value FROM Cache WHERE key = ?) WHERE key = ?",
            row_key(1),
            row_key(2),
        ),
        "Saved response 2 is not what was stored under its number: open its page again",
    ),
    "a changed body": (lambda data: damage_middle(largest_file(data)), "Saved response 5 is"),
    "a file that is gone": (lambda data: largest_file(data).unlink(), "Saved response 5 can't be read"),
    "a damaged pointer": (
        lambda data: execute(data, "UPDATE Cache SET value = ? WHERE key LIKE 'n/%'", b"nonsense"),
        "is damaged: open its page again",
    ),
    "a pickle": (
        lambda data: execute(data, "UPDATE Cache SET mode = 4 WHERE key = ?", row_key(1)),
        "Saved response 1 can't be read (A row of the store is of a kind that this program never writes",
    ),
    "a foreign row": (
        lambda data: execute(data, "UPDATE Cache SET key = 'x' WHERE key = ?", row_key(1)),
        "The row 'x' of the store is of a kind that this program never writes",
    ),
    "a foreign database": (
        lambda data: overwrite(data / "responses" / DATABASE),
        "is damaged (file is not a database): `flattr-tui cache rescue` recovers",
    ),
    "a database that is gone": (
        lambda data: remove_all((data / "responses").glob(f"{DATABASE}*")),
        "is gone; 1 of the files beside it are left: `flattr-tui cache rescue` recovers",
    ),
    "a catalogue that was cut short": (
        lambda data: truncate(data / "catalogue.sqlite", 20_000),
        "`flattr-tui cache rebuild` rebuilds it, and nothing is lost.",
    ),
    "a catalogue of another version": (
        change_version,
        "The catalogue is of another version of this program: `flattr-tui cache rebuild`",
    ),
    "a catalogue that lacks something": (
        lambda data: execute(data, "DELETE FROM taken WHERE sequence = 2", of="catalogue.sqlite"),
        "The catalogue lacks 1 of the saved responses: `flattr-tui cache rebuild`",
    ),
    "a catalogue that has more": (
        lambda data: execute(data, "INSERT INTO taken VALUES (9, x'00')", of="catalogue.sqlite"),
        "The catalogue shows 1 response that can't be read any more: `flattr-tui cache rebuild`",
    ),
    "a list without a part": (
        lambda data: execute(data, "DELETE FROM block WHERE id = 1", of="catalogue.sqlite"),
        "The catalogue's lists have other rows than they should: `flattr-tui cache rebuild`",
    ),
    "an index without a text": (
        lambda data: execute(data, "DELETE FROM words_docsize WHERE id = 1", of="catalogue.sqlite"),
        "The catalogue's index lacks texts: `flattr-tui cache rebuild`",
    ),
    "an item that can't be read": (
        lambda data: execute(data, "UPDATE body SET entity = x'c1'", of="catalogue.sqlite"),
        "The catalogue's items can't be read: `flattr-tui cache rebuild`",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damage_is_named_with_its_repair_and_nothing_is_changed(flattr: Flattr, data: Path, damage: str) -> None:
    do_damage, sentence = DAMAGES[damage]
    move_into_rows(data)
    do_damage(data)
    before = {path: path.read_bytes() for path in data.rglob("*") if path.suffix in {".db", ".val", ".sqlite"}}
    ended = flattr("cache", "verify", "--sweep")
    assert ended.code == 1
    assert sentence in ended.err
    assert "all is well" not in ended.out
    assert {path: path.read_bytes() for path in before} == before
    assert not list(data.glob("*.set-aside-*"))


def test_a_damaged_response_is_one_line_for_the_store(flattr: Flattr, data: Path) -> None:
    execute(data, "UPDATE Cache SET value = x'00' WHERE key = ?", row_key(2))
    ended = flattr("cache", "verify")
    store, catalogue = ended.err.splitlines()
    assert "Saved response 2" in store
    assert "The catalogue shows 1 response " in catalogue
    assert ended.out == "4 responses can be read.\n"


def test_rebuilding_repairs_the_catalogue(flattr: Flattr, data: Path) -> None:
    before = read_lists(data)
    for name in ("a list without a part", "an index without a text", "a catalogue that has more"):
        DAMAGES[name][0](data)
    assert flattr("cache", "rebuild") == (0, "The catalogue was rebuilt from 5 responses.\n", "")
    assert flattr("cache", "verify").code == 0
    assert read_lists(data) == before


def test_files_without_a_row_are_reported_and_swept_on_request(flattr: Flattr, data: Path) -> None:
    kept = largest_file(data)
    orphan = data / "responses" / "ab" / "cd" / f"{'e' * 28}.val"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"left over")
    foreign = orphan.with_name("notes.val")
    os.mkfifo(orphan.with_name(f"{'f' * 28}.val"))
    foreign.write_bytes(b"somebody's")
    ended = flattr("cache", "verify")
    assert ended.code == 1
    assert ended.line.startswith(
        f"flattr-tui: One file of the store belongs to no row, as after a crash (ab/cd/{'e' * 28}"
    )
    assert orphan.exists()
    assert flattr("cache", "verify", "--sweep") == (
        0,
        "1 file without a response removed.\n5 responses can be read; all is well.\n",
        "",
    )
    assert not orphan.exists()
    assert foreign.exists()
    assert kept.exists()


def test_no_file_is_swept_if_the_database_cannot_be_trusted(flattr: Flattr, data: Path) -> None:
    orphan = data / "responses" / "ab" / "cd" / f"{'e' * 28}.val"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"left over")
    execute(data, "PRAGMA application_id = 7")
    ended = flattr("cache", "verify", "--sweep")
    assert ended.code == 1
    assert ended.err.endswith("once the database is whole, --sweep removes it.\n")
    assert orphan.exists()


# -- rebuild


def test_an_interrupted_rebuild_is_continued_later(flattr: Flattr, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_responses(
        data, *(response(body([make_flattr(number)]), request=BO, page=number, at=NOW) for number in range(1, 60))
    )
    before = read_lists(data)
    steps: list[tuple[int, int | None]] = []

    def stop(_: ProgressLine, what: str, done: int, of: int | None = None) -> None:
        steps.append((done, of))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ProgressLine, "__call__", stop)
        ended = flattr("cache", "rebuild")
    assert ended.code == 130
    assert "added to the catalogue when the program next starts" in ended.err
    ((done, of),) = steps
    assert of == 64
    assert 0 < done <= 25
    with open_stores(data) as (_, catalogue):
        assert catalogue.count_pending() == 64 - done
        catalogue.ingestor.catch_up()
    assert read_lists(data) == before
    assert flattr("cache", "verify").code == 0


def test_rebuilding_while_another_program_has_the_store_open(flattr: Flattr, data: Path) -> None:
    before = read_lists(data)
    with open_stores(data) as (responses, catalogue):
        assert flattr("cache", "rebuild").code == 0
        facts = catalogue.list_stats(Scope("sandbox"), ADA)
        assert [entry.key for entry in catalogue.read_rows(facts.id, facts.low, facts.high + 1)] == before[0]
        stored = responses.put(response(body(make_flattr(number) for number in range(62, 32, -1)), at=NOW)).stored
        assert catalogue.ingestor.ingest(stored).new == 1
    assert len(read_keys(data)) == len(before[0]) + 1
