"""What is written to the terminal: nothing while nothing changes, and for a key no more than it changes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flattr_tui.ui.modes import MODES
from tests.benchmarks.homes import Home, make_saved_home
from tests.pty.terminal import Terminal

IDLE_SECONDS = 3.0
QUIET_SECONDS = 1.5
"""Without output for so long it is at rest: on a busy machine what a key changes comes late."""
KEY_BYTES = 4_000
SHOWN = {
    "profile": "Most supported",
    "things": "Things of ada",
    "flattrs": "Flattrs of ada",
    "activities": "Activities of ada",
    "search": "Fill in any field",
    "review": "Flattrs by month",
    "console": "Get a user",
}
"""What each place shows when it is there."""


@pytest.fixture(scope="module")
def home() -> Home:
    """All of ada is saved: nothing is fetched that would change what is shown."""
    return make_saved_home().home


@contextmanager
def at(home: Home, mode: str) -> Iterator[Terminal]:
    """Open the program at a place, at rest."""
    with home.program("--offline", "--user", "ada") as terminal:
        terminal.shows(SHOWN["profile"])
        terminal.press(next(known.key for known in MODES if known.id == mode).encode(), SHOWN[mode])
        rest(terminal)
        yield terminal


def rest(terminal: Terminal) -> None:
    while terminal.take(QUIET_SECONDS):
        pass


@pytest.mark.parametrize("mode", SHOWN)
def test_nothing_is_written_while_idle(home: Home, mode: str) -> None:
    with at(home, mode) as terminal:
        assert not terminal.take(IDLE_SECONDS)


@pytest.mark.parametrize("mode", ["profile", "things", "flattrs", "activities"])
def test_a_step_down_writes_what_it_changes(home: Home, mode: str) -> None:
    with at(home, mode) as terminal:
        before = len(terminal.output)
        terminal.send(b"j")
        terminal.read(lambda: len(terminal.output) > before, "the next row")
        rest(terminal)
        assert len(terminal.output) - before < KEY_BYTES
