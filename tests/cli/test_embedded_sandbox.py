"""Tests that the data of the embedded sandbox is generated ahead, and that whoever opens the sandbox waits for that."""

import fcntl
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from flattr_tui.cli import embedded_sandbox
from flattr_tui.cli.embedded_sandbox import InProcessSandbox, open_own_world, seed_ahead, world_file
from flattr_tui.sandbox import database
from flattr_tui.settings import Settings


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """Let the standard streams count as a terminal. Yields the list of the processes that are started.

    At the end, waits until these processes have ended.
    """
    started: list[subprocess.Popen[bytes]] = []

    class Process(subprocess.Popen[bytes]):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[call-overload]
            started.append(self)

    monkeypatch.setattr(os, "isatty", lambda number: True)
    monkeypatch.setattr(embedded_sandbox.subprocess, "Popen", Process)  # type: ignore[attr-defined]
    yield started
    for process in started:
        process.wait()


def _read_rows(file: Path) -> list[object]:
    with closing(sqlite3.connect(file)) as connection:
        return [
            connection.execute(f"SELECT * FROM {table}").fetchall()
            for table in ("users", "things", "flattrs", "subscriptions", "words")
        ]


def test_the_data_generated_ahead_is_the_same(started: list["subprocess.Popen[bytes]"], seeded_world: Path) -> None:
    seed_ahead(Settings())
    assert [process.wait() for process in started] == [0]
    made = world_file(Settings())
    made_at = made.stat().st_ino
    open_own_world(Settings()).close()
    assert made.stat().st_ino == made_at
    assert _read_rows(made) == _read_rows(seeded_world)
    assert [file.name for file in made.parent.iterdir()] == [made.name]


def test_no_module_of_the_current_folder_is_imported(
    started: list["subprocess.Popen[bytes]"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("calendar", "flattr_tui", "sqlite3"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    seed_ahead(Settings())
    assert [process.wait() for process in started] == [0]


def test_it_is_opened_even_if_it_could_not_be_generated_ahead(
    started: list["subprocess.Popen[bytes]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_sandbox, "SEED_PROGRAM", "raise SystemExit(1)")
    seed_ahead(Settings())
    assert [process.wait() for process in started] == [1]
    with open_own_world(Settings()) as world:
        assert world.user("ada") is not None


def test_nothing_is_generated_that_nobody_opens(
    started: list["subprocess.Popen[bytes]"], seeded_world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_ahead(Settings(offline=True))
    seed_ahead(Settings(source="saved"))
    shutil.copy(seeded_world, world_file(Settings()))
    seed_ahead(Settings())
    world_file(Settings()).unlink()
    monkeypatch.setattr(os, "isatty", lambda number: number != 1)
    seed_ahead(Settings())
    assert started == []


def test_of_two_programs_one_waits_for_the_data_of_the_other(
    tmp_path: Path, seeded_world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, made, waiting, lock = tmp_path / "world.sqlite", [], Event(), fcntl.flock

    def lock_in_second(descriptor: int, operation: int) -> None:
        waiting.set()
        lock(descriptor, operation)

    folder = os.open(tmp_path, os.O_RDONLY)
    lock(folder, fcntl.LOCK_EX)
    monkeypatch.setattr(fcntl, "flock", lock_in_second)
    monkeypatch.setattr(database, "seed_world", lambda *arguments: made.append(arguments))
    second = Thread(target=database.make_world, args=(file,), kwargs={"seed": 1, "scale": 0})
    second.start()
    assert waiting.wait(10)
    shutil.copy(seeded_world, file)
    os.close(folder)
    second.join()
    assert made == []


def test_the_sandbox_is_seeded_when_it_is_created_and_not_by_its_first_request() -> None:
    file = world_file(Settings())
    sandbox = InProcessSandbox(Settings())
    assert not file.exists()
    sandbox()
    assert file.exists()
    sandbox.close()
