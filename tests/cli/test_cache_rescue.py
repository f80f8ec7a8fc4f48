"""`flattr-tui cache rescue`, and `bundle` of what was set aside: no damage of a database costs a saved page."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flattr_tui.store.atomic_files import list_set_aside
from flattr_tui.store.safe_disk import DATABASE
from tests.cli.conftest import Flattr
from tests.cli.saved_pages import ALL, BO, made_anew, saved, shown
from tests.cli.test_cache_verify import file_of, inline, overwrite, remove_all, scribble
from tests.store.sample_responses import body, open_stores, response
from tests.store.sample_responses import flattr as sent


def database(data: Path) -> Path:
    return Path(data, "responses", DATABASE)


def empty(data: Path) -> None:
    remove_all(database(data).parent.glob(f"{DATABASE}-*"))
    database(data).write_bytes(b"")


def cut_database(data: Path) -> None:
    remove_all(database(data).parent.glob(f"{DATABASE}-*"))
    with database(data).open("r+b") as file:
        file.truncate(file.seek(0, 2) // 2)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "gone": lambda data: remove_all(database(data).parent.glob(f"{DATABASE}*")),
    "empty": empty,
    "overwritten": lambda data: overwrite(database(data)),
    "cut short": cut_database,
}
damaged = pytest.mark.parametrize("damage", DAMAGES)


@damaged
@pytest.mark.parametrize("used", [False, True], ids=["at once", "after another page came"])
def test_whatever_becomes_of_the_database_everything_is_there_again(
    flattr: Flattr, data: Path, damage: str, used: bool
) -> None:
    before = shown(data)
    DAMAGES[damage](data)
    if used:
        said: list[str] = []
        with open_stores(data, said) as (responses, catalogue):
            catalogue.ingest(responses.put(response(body([sent(900, "bo")]), request=BO, account="bo")).stored)
        assert "`flattr-tui cache rescue` brings back" in said[0]
    ended = flattr("cache", "rescue")
    assert ended.code == 0, ended.said
    assert ended.out == f"5 responses brought back; {5 + used} are saved now.\n"
    assert saved(data) == sorted([*ALL, *([("sandbox", "bo", 1)] if used else [])])
    assert shown(data) == before
    assert flattr("cache", "verify").code == 0
    assert flattr("cache", "rescue").out == f"There is nothing to bring back: {5 + used} responses saved.\n"


def test_a_sound_store_is_left_as_it_is(flattr: Flattr, data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*.val")}
    assert flattr("cache", "rescue").out == "There is nothing to bring back: 5 responses saved.\n"
    assert {path: path.read_bytes() for path in data.rglob("*.val")} == before
    assert list_set_aside(data) == []


def test_files_that_hold_responses_are_never_swept(flattr: Flattr, data: Path) -> None:
    before = made_anew(data)
    with sqlite3.connect(database(data)) as connection:
        connection.execute("DELETE FROM Cache WHERE key LIKE 'r/%' AND key NOT LIKE '%1'")
    connection.close()
    ended = flattr("cache", "verify", "--sweep")
    assert ended.code == 1
    assert "4 files of the store hold responses that its database does not name" in ended.said
    assert "removed" not in ended.out
    assert flattr("cache", "rescue").out == "4 responses brought back; 5 are saved now.\n"
    assert shown(data) == before


def test_rows_of_a_damaged_database_are_read_as_far_as_they_can_be(flattr: Flattr, data: Path) -> None:
    inline(data)
    with sqlite3.connect(database(data)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA writable_schema = ON")
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'Cache_key_raw'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with database(data).open("r+b") as file:  # an index is damaged, and the table is whole
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    assert "rescue" in flattr("cache", "verify").said
    assert flattr("cache", "rescue").out == "5 responses brought back; 5 are saved now.\n"
    assert saved(data) == ALL


def test_a_file_that_cannot_be_read_costs_itself_and_is_said(flattr: Flattr, data: Path) -> None:
    scribble(file_of(data))
    DAMAGES["gone"](data)
    ended = flattr("cache", "rescue")
    assert ended.out == "4 responses brought back; 4 are saved now.\n"
    assert "1 file or row could not be read." in ended.said


def test_another_program_that_has_it_open_is_named(flattr: Flattr, data: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from flattr_tui.store.responses import ResponseStore;"
        " store = ResponseStore.open(Path(sys.argv[1]), notice=id); print(store.last_sequence(), flush=True);"
        " sys.stdin.read()"
    )
    DAMAGES["gone"](data)
    command = [sys.executable, "-c", code, str(data / "responses")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        ended = flattr("cache", "rescue")
        other.stdin.close()  # type: ignore[union-attr]
    assert ended.code == 1
    assert f"process {other.pid}" in ended.said
    assert flattr("cache", "rescue").code == 0
    assert saved(data) == ALL


@damaged
def test_a_bundle_of_what_was_set_aside(flattr: Flattr, data: Path, tmp_path: Path, damage: str) -> None:
    DAMAGES[damage](data)
    ended = flattr("bundle", str(tmp_path / "nothing.zip"))
    assert ended.code == 1
    assert "`flattr-tui cache rescue` brings back" in ended.said
    assert not (tmp_path / "nothing.zip").exists()
    (aside,) = list_set_aside(data)
    assert flattr("bundle", str(tmp_path / "all.zip"), "--from", str(aside)).code == 0
    assert flattr("import", str(tmp_path / "all.zip")).code == 0
    assert saved(data) == ALL


def test_two_stores_that_were_set_aside_come_back_in_their_order(flattr: Flattr, data: Path) -> None:
    before = made_anew(data)
    DAMAGES["gone"](data)
    newer = response(body([sent(901, "bo")]), request=BO, account="ada")
    with open_stores(data, []) as (responses, _):
        responses.put(newer)
    DAMAGES["empty"](data)
    assert flattr("cache", "rescue").out == "6 responses brought back; 6 are saved now.\n"
    assert shown(data)[0] == before[0]
    with open_stores(data) as (responses, _):
        latest = responses.get(6)
        assert latest is not None
        assert latest.body == newer.body
