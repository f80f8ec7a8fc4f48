"""Tests that `flattr-tui cache rescue`, and `bundle --from`, restore every saved page after damage of the database."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flattr_tui.library.bookmarks import Bookmarks, mark_of
from flattr_tui.model.api_request import ApiRequest
from flattr_tui.store.safe_databases import DATABASE
from flattr_tui.store.shared_files import list_set_aside
from tests.cli.conftest import Flattr
from tests.cli.saved_pages import ALL_COUNTS, BO, count_responses, read_lists, rebuild_lists
from tests.cli.test_cache_verify import damage_middle, largest_file, move_into_rows, overwrite, remove_all
from tests.store.sample_responses import body, open_stores, response
from tests.store.sample_responses import flattr as make_flattr


def database_path(data: Path) -> Path:
    return Path(data, "responses", DATABASE)


def empty_database(data: Path) -> None:
    remove_all(database_path(data).parent.glob(f"{DATABASE}-*"))
    database_path(data).write_bytes(b"")


def truncate_database(data: Path) -> None:
    remove_all(database_path(data).parent.glob(f"{DATABASE}-*"))
    with database_path(data).open("r+b") as file:
        file.truncate(file.seek(0, 2) // 2)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "gone": lambda data: remove_all(database_path(data).parent.glob(f"{DATABASE}*")),
    "empty": empty_database,
    "overwritten": lambda data: overwrite(database_path(data)),
    "cut short": truncate_database,
}
damaged = pytest.mark.parametrize("damage", DAMAGES)


@damaged
@pytest.mark.parametrize("used", [False, True], ids=["at once", "after another page was saved"])
def test_a_rescue_restores_every_response(flattr: Flattr, data: Path, damage: str, used: bool) -> None:
    before = read_lists(data)
    DAMAGES[damage](data)
    if used:
        notices: list[str] = []
        with open_stores(data, notices) as (responses, catalogue):
            catalogue.ingestor.ingest(
                responses.put(response(body([make_flattr(900, "bo")]), request=BO, account="bo")).stored
            )
        assert "`flattr-tui cache rescue` recovers" in notices[0]
    ended = flattr("cache", "rescue")
    assert ended.code == 0, ended.err
    assert ended.out == f"5 responses recovered; {5 + used} are saved now.\n"
    assert count_responses(data) == sorted([*ALL_COUNTS, *([("sandbox", "bo", 1)] if used else [])])
    assert read_lists(data) == before
    assert flattr("cache", "verify").code == 0
    assert flattr("cache", "rescue").out == f"There is nothing to recover: {5 + used} responses saved.\n"


def test_a_sound_store_is_not_changed(flattr: Flattr, data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*.val")}
    assert flattr("cache", "rescue").out == "There is nothing to recover: 5 responses saved.\n"
    assert {path: path.read_bytes() for path in data.rglob("*.val")} == before
    assert list_set_aside(data) == []


def test_files_with_responses_are_never_swept(flattr: Flattr, data: Path) -> None:
    before = rebuild_lists(data)
    with sqlite3.connect(database_path(data)) as connection:
        connection.execute("DELETE FROM Cache WHERE key LIKE 'r/%' AND key NOT LIKE '%1'")
    connection.close()
    ended = flattr("cache", "verify", "--sweep")
    assert ended.code == 1
    assert "4 files of the store hold responses that its database does not name" in ended.err
    assert "removed" not in ended.out
    assert flattr("cache", "rescue").out == "4 responses recovered; 5 are saved now.\n"
    assert read_lists(data) == before


def test_readable_rows_of_a_damaged_database_are_restored(flattr: Flattr, data: Path) -> None:
    move_into_rows(data)
    with sqlite3.connect(database_path(data)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA writable_schema = ON")
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'Cache_key_raw'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.close()
    with database_path(data).open("r+b") as file:  # damage an index, not the table
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    assert "rescue" in flattr("cache", "verify").err
    assert flattr("cache", "rescue").out == "5 responses recovered; 5 are saved now.\n"
    assert count_responses(data) == ALL_COUNTS


def test_an_unreadable_file_is_reported_and_left_out_alone(flattr: Flattr, data: Path) -> None:
    damage_middle(largest_file(data))
    DAMAGES["gone"](data)
    ended = flattr("cache", "rescue")
    assert ended.out == "4 responses recovered; 4 are saved now.\n"
    assert "1 file or row could not be read." in ended.err


def test_a_program_that_has_the_store_open_is_named(flattr: Flattr, data: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from flattr_tui.store.response_store import ResponseStore;"
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
    assert f"process {other.pid}" in ended.err
    assert flattr("cache", "rescue").code == 0
    assert count_responses(data) == ALL_COUNTS


@damaged
def test_a_store_set_aside_can_be_bundled(flattr: Flattr, data: Path, tmp_path: Path, damage: str) -> None:
    DAMAGES[damage](data)
    ended = flattr("bundle", str(tmp_path / "nothing.zip"))
    assert ended.code == 1
    assert "`flattr-tui cache rescue` recovers" in ended.err
    assert not (tmp_path / "nothing.zip").exists()
    (aside,) = list_set_aside(data)
    assert flattr("bundle", str(tmp_path / "all.zip"), "--from", str(aside)).code == 0
    assert flattr("import", str(tmp_path / "all.zip")).code == 0
    assert count_responses(data) == ALL_COUNTS


def test_another_library_is_not_imported_but_bundled(flattr: Flattr, data: Path, tmp_path: Path) -> None:
    other = data.rename(tmp_path / "other")
    bookmarks = Bookmarks.open(other / "bookmarks.json", notice=pytest.fail)
    mark = mark_of(ApiRequest.of("search", query="podcast"), "sandbox", 0.0)
    assert mark is not None
    bookmarks.keep(mark)
    bookmarks.save()
    for file in (other, other / "responses", other / "responses" / "cache.db"):
        ended = flattr("import", str(file))
        assert ended.code == 1
        assert f"left out: {file}: the library of this program: `flattr-tui bundle NEW.zip --from FOLDER`" in ended.err
    assert flattr("bundle", str(tmp_path / "all.zip"), "--from", str(other)).code == 0
    assert "1 bookmark" in flattr("import", str(tmp_path / "all.zip")).out
    assert count_responses(data) == ALL_COUNTS


def test_a_folder_without_a_response_is_not_bundled(flattr: Flattr, tmp_path: Path) -> None:
    ended = flattr("bundle", str(tmp_path / "all.zip"), "--from", str(tmp_path))
    assert (ended.code, ended.line) == (1, f"flattr-tui: {tmp_path} has no response that can be read.")
    assert not (tmp_path / "all.zip").exists()


def test_two_stores_set_aside_are_restored_in_their_order(flattr: Flattr, data: Path) -> None:
    before = rebuild_lists(data)
    DAMAGES["gone"](data)
    newer = response(body([make_flattr(901, "bo")]), request=BO, account="ada")
    with open_stores(data, []) as (responses, _):
        responses.put(newer)
    DAMAGES["empty"](data)
    assert flattr("cache", "rescue").out == "6 responses recovered; 6 are saved now.\n"
    assert read_lists(data)[0] == before[0]
    with open_stores(data) as (responses, _):
        latest = responses.get(6)
        assert latest is not None
        assert latest.body == newer.body
