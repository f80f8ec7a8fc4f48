"""Tests that `flattr-tui doctor` names the damage of a store, and prints nothing private."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flattr_tui.paths import Paths
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from flattr_tui.store.catalogue import Catalogue
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.safe_databases import DATABASE
from tests.cli import test_disk_faults
from tests.cli.conftest import CommandResult, Flattr
from tests.cli.saved_pages import pages


def parse_report(ended: CommandResult) -> dict[str, Any]:
    """Parse the JSON report, and check that the exit code agrees with it."""
    found: dict[str, Any] = json.loads(ended.out)
    assert ended.code == (1 if found["problems"] else 0)
    return found


def read_files(folder: Path) -> Mapping[Path, bytes]:
    """Return the content of all files, except SQLite's index of its log, which readers write as well."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".db-shm"}


@pytest.fixture
def store(data: Path) -> Path:
    """The database of a store with saved pages and a catalogue."""
    paths = Paths.standard()
    responses = ResponseStore.open(paths.responses, notice=print)
    Catalogue.open(paths.catalogue, responses, notice=print).close()
    responses.close()
    return paths.responses / str(DATABASE)


def test_a_sound_store_has_no_problems(flattr: Flattr, store: Path) -> None:
    ended = flattr("doctor")
    assert ended.code == 0
    assert ended.out.endswith("problems\n  none\n")
    assert f"{len(pages())} responses" in ended.out
    for title in ("program", "terminal", "paths", "store", "source", "network", "keyring"):
        assert f"\n{title}\n" in f"\n{ended.out}"
    assert parse_report(flattr("doctor", "--json"))["store"]["responses"]["is"] == "sound"


def test_a_missing_data_folder_is_not_created(flattr: Flattr) -> None:
    found = parse_report(flattr("doctor", "--json"))
    assert found["problems"] == []
    assert found["store"]["responses"] == {"is": "missing"}
    assert not Paths.standard().data.exists()


@pytest.mark.parametrize("content", [b"", b"no database" * 1000], ids=["empty", "other"])
def test_a_damaged_store_is_named_and_not_changed(flattr: Flattr, store: Path, content: bytes) -> None:
    store.write_bytes(content)
    before = read_files(store.parent)
    found = parse_report(flattr("doctor", "--json"))
    assert found["store"]["responses"]["is"] in {"damaged", "not of this program"}
    (problem,) = found["problems"]
    assert problem.startswith("The store is ")
    assert read_files(store.parent) == before


def test_a_database_with_a_damaged_page_is_named(flattr: Flattr, store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with store.open("r+b") as opened:
        opened.seek(2 * size)
        opened.write(b"\xff" * 2 * size)
    assert parse_report(flattr("doctor", "--json"))["store"]["responses"]["is"] == "damaged"


def test_a_missing_database_is_named_if_its_files_are_left(flattr: Flattr, store: Path) -> None:
    value = store.parent / "00" / "11" / f"{'2' * 28}.val"
    value.parent.mkdir(parents=True)
    value.write_bytes(b"x")
    for file in store.parent.glob(f"{DATABASE}*"):
        file.unlink()
    (problem,) = parse_report(flattr("doctor", "--json"))["problems"]
    assert "its database is gone" in problem


def test_a_store_of_a_later_version_is_named(flattr: Flattr, store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        connection.execute("PRAGMA user_version = 99")
    (problem,) = parse_report(flattr("doctor", "--json"))["problems"]
    assert "by a later version" in problem


def test_a_damaged_catalogue_is_named(flattr: Flattr, store: Path) -> None:
    Paths.standard().catalogue.write_bytes(b"no database" * 1000)
    (problem,) = parse_report(flattr("doctor", "--json"))["problems"]
    assert "cache rebuild" in problem


def test_a_locked_store_is_named(flattr: Flattr, store: Path) -> None:
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        found = parse_report(flattr("doctor", "--json"))
    assert found["store"]["responses"]["is"] == "locked"
    (problem,) = found["problems"]
    assert "is locked by" in problem
    assert parse_report(flattr("doctor", "--json"))["problems"] == []


def test_a_read_only_store_is_named_and_counted(store: Path) -> None:
    data = Paths.standard().data
    for path in (*data.rglob("*"), data):
        path.chmod(0o500 if path.is_dir() else 0o400)
    ended = test_disk_faults.run(
        data.parent, "doctor", "--json", "--offline", prepare=test_disk_faults.obey_permissions
    )
    for path in (data, *data.rglob("*")):
        path.chmod(0o700)
    found = parse_report(CommandResult(ended.code, ended.out, ended.err))
    assert found["store"]["responses"]["is"] == "sound"
    assert found["store"]["responses"]["read_only"] is True
    assert found["store"]["responses"]["responses"] == len(pages())
    (problem,) = found["problems"]
    assert "read-only" in problem


def make_unreadable(data: Path) -> None:
    data.chmod(0)


def make_store_unreadable(data: Path) -> None:
    (data / "responses").chmod(0)


def make_file(data: Path) -> None:
    shutil.rmtree(data)
    data.write_bytes(b"")


def make_loop(data: Path) -> None:
    shutil.rmtree(data)
    data.symlink_to(data)


@pytest.mark.parametrize(
    ("spoil", "problem_text"),
    [
        (make_unreadable, "make it readable"),
        (make_store_unreadable, "can't be read"),
        (make_file, "is not a folder"),
        (make_loop, "can't be used"),
    ],
)
def test_a_folder_that_cannot_be_used_is_named(store: Path, spoil: Callable[[Path], None], problem_text: str) -> None:
    data = Paths.standard().data
    spoil(data)
    ended = test_disk_faults.run(
        data.parent, "doctor", "--json", "--offline", prepare=test_disk_faults.obey_permissions
    )
    if data.is_dir():
        data.chmod(0o700)
        (data / "responses").chmod(0o700)
    (problem,) = parse_report(CommandResult(ended.code, ended.out, ended.err))["problems"]
    assert problem_text in problem


def test_the_response_time_of_the_source_is_measured(flattr: Flattr, seeded_world: Path) -> None:
    with World.open(seeded_world) as world, serving(create_app(world)) as root:
        source = parse_report(flattr("doctor", "--json", "--source", f"{root}/rest/v2"))["source"]
    assert source["answers"] is True
    assert source["took_ms"] >= 0


def test_an_unreachable_source_is_a_problem_unless_offline(flattr: Flattr) -> None:
    gone = ("doctor", "--json", "--source", "http://127.0.0.1:9/rest/v2")
    (problem,) = parse_report(flattr(*gone))["problems"]
    assert "cannot be reached" in problem
    assert "answers" not in parse_report(flattr(*gone, "--offline"))["source"]


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_the_report_has_no_names_or_secrets(
    flattr: Flattr, store: Path, monkeypatch: pytest.MonkeyPatch, own_environment: Path, option: tuple[str, ...]
) -> None:
    Paths.standard().tokens.write_text('{"accounts": {"sandbox": {"planted-name": null}}}')
    monkeypatch.setenv("FLATTR_TUI_TOKEN", "planted-token")
    monkeypatch.setenv("https_proxy", "http://planted-user:planted-password@proxy.example:8080")
    monkeypatch.setenv("all_proxy", "planted-user:planted-password@other.example")
    monkeypatch.setenv("SSL_CERT_FILE", "/home/planted-login/certificates.pem")
    monkeypatch.setenv("LOGNAME", "planted-login")
    store.write_bytes(b"no database" * 1000)
    ended = flattr("--account", "planted-name", "--user", "planted-name", "doctor", *option)
    assert ended.code == 1
    assert "planted" not in ended.out + ended.err
    assert str(own_environment) not in ended.out + ended.err
    assert "~/data/flattr-tui" in ended.out
    assert "http://proxy.example:8080" in ended.out
    assert "/home/USER/certificates.pem" in ended.out
