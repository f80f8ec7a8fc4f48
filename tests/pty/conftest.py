"""Fixtures that run the program on a pseudo-terminal."""

import os
import sys
from collections.abc import Callable, Iterator

import pytest

from flattr_tui.sandbox.world import World
from tests.pty.terminal import Terminal

SIZE_VARIABLES = ("COLUMNS", "LINES")
"""Variables that override the terminal's size. pytest sets them for its workers, so they are left out."""
Launch = Callable[..., Terminal]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A sandbox world that all tests share: read it only."""
    with World.open(tmp_path_factory.mktemp("pty") / "world.sqlite") as opened:
        yield opened


@pytest.fixture
def launch(saved_world: None) -> Iterator[Launch]:
    """A function that starts the program on a terminal, or Python `code`, or another `program`.

    Its arguments are passed to the program, its keywords are set as environment variables. All programs are ended
    after the test.
    """
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
