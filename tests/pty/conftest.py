"""Programs on a pseudo-terminal, and what they are pointed at."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flattr_tui.sandbox.world import World
from tests.pty.terminal import Terminal

SIZES = ("COLUMNS", "LINES")
"""Would be believed instead of the terminal; the runner of tests sets them for its workers."""
Launch = Callable[..., Terminal]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world to read."""
    with World.open(tmp_path_factory.mktemp("pty") / "world.sqlite") as opened:
        yield opened


@pytest.fixture
def launch(own_environment: Path) -> Iterator[Launch]:
    """Start the program on a terminal of its own, or another program by `code`."""
    started: list[Terminal] = []

    def launched(*arguments: str, code: str = "", program: tuple[str, ...] = (), **variables: str) -> Terminal:
        ours = {name: value for name, value in os.environ.items() if name not in SIZES}
        environment = {**ours, "TERM": "xterm-256color", "COLORTERM": "truecolor", **variables}
        how = program or ((sys.executable, "-c", code) if code else (sys.executable, "-m", "flattr_tui"))
        started.append(Terminal((*how, *arguments), environment).__enter__())
        return started[-1]

    yield launched
    for terminal in started:
        terminal.__exit__(None, None, None)
