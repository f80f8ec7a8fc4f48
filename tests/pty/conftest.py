"""Fixtures that run the program on a pseudo-terminal."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flattr_tui.cli.embedded_sandbox import world_file
from flattr_tui.cli.library_factory import open_library
from flattr_tui.paths import Paths
from flattr_tui.sandbox.world import World
from flattr_tui.settings import Settings
from flattr_tui.ui.app import SANDBOX_USER
from tests.pty.terminal import Terminal
from tests.ui.profile_visit import visit_profile

SIZE_VARIABLES = ("COLUMNS", "LINES")
"""Variables that override the terminal's size. pytest sets them for its workers, but the programs don't get them."""
Launch = Callable[..., Terminal]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A sandbox world that all tests share: they must not change it."""
    with World.open(tmp_path_factory.mktemp("pty") / "world.sqlite") as opened:
        yield opened


@pytest.fixture(scope="session")
def visited_data(tmp_path_factory: pytest.TempPathFactory, seeded_world: Path) -> Path:
    """The program's data folder after a start in which the sandbox's profile was fetched."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("visited-data")))
        shutil.copy(seeded_world, world_file(Settings()))
        asyncio.run(visit_profile(open_library(Settings()), SANDBOX_USER))
        return Paths.standard().data


@pytest.fixture
def launch(saved_world: None, visited_data: Path, request: pytest.FixtureRequest) -> Iterator[Launch]:
    """A function that starts the program on a terminal; with `code`, Python code; with `program`, another program.

    The function passes its arguments to the program, and sets its keywords as environment variables. The program starts
    with the saved profile of `visited_data`: to fetch it would take a third of the CPU time of a start. With the
    fixture `nothing_saved`, it starts without saved data. All programs are ended after the test.
    """
    if "nothing_saved" not in request.fixturenames:
        shutil.copytree(visited_data, Paths.standard().data, dirs_exist_ok=True)
    started: list[Terminal] = []

    def start(*arguments: str, code: str = "", program: tuple[str, ...] = (), **variables: str) -> Terminal:
        inherited = {name: value for name, value in os.environ.items() if name not in SIZE_VARIABLES}
        environment = {**inherited, "TERM": "xterm-256color", "COLORTERM": "truecolor", **variables}
        command = program or ((sys.executable, "-c", code) if code else (sys.executable, "-m", "flattr_tui"))
        started.append(Terminal((*command, *arguments), environment).__enter__())
        return started[-1]

    yield start
    for terminal in started:
        terminal.__exit__(None, None, None)
