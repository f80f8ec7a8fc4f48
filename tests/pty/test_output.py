"""Bytes written to the terminal: none while nothing changes, and few for a key that changes little."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flattr_tui.ui.modes import MODES
from tests.benchmarks.homes import Home, make_saved_home
from tests.pty.terminal import Terminal

IDLE_SECONDS = 3.0
QUIET_SECONDS = 1.5
"""The app counts as idle after so many seconds without output. On a busy machine output comes late."""
KEY_BYTES = 4_000
SYNC_SUPPORTED = b"\x1b[?2026;2$y"
"""A terminal's report that it can show a whole frame at once."""
SYNC_BEGIN = b"\x1b[?2026h"
MODE_TEXTS = {
    "profile": "Most supported",
    "things": "Things of ada",
    "flattrs": "Flattrs of ada",
    "activities": "Activities of ada",
    "search": "Fill in any field",
    "review": "Flattrs by month",
    "console": "Get a user",
}
"""A text that each mode shows when it is ready."""


@pytest.fixture(scope="module")
def home() -> Home:
    """A home folder with all of ada's data saved: no response changes the screen."""
    return make_saved_home().home


@contextmanager
def open_mode(home: Home, mode: str) -> Iterator[Terminal]:
    """Run the app offline, go to a mode, and yield the terminal once no more output comes."""
    with home.program("--offline", "--user", "ada") as terminal:
        terminal.wait_for_text(MODE_TEXTS["profile"])
        terminal.press(next(known.key for known in MODES if known.id == mode).encode(), MODE_TEXTS[mode])
        wait_for_silence(terminal)
        yield terminal


def wait_for_silence(terminal: Terminal) -> None:
    while terminal.read_some(QUIET_SECONDS):
        pass


@pytest.mark.parametrize("mode", MODE_TEXTS)
def test_nothing_is_written_while_idle(home: Home, mode: str) -> None:
    with open_mode(home, mode) as terminal:
        assert not terminal.read_some(IDLE_SECONDS)


@pytest.mark.parametrize("mode", ["profile", "things", "flattrs", "activities"])
def test_a_step_down_writes_few_bytes(home: Home, mode: str) -> None:
    with open_mode(home, mode) as terminal:
        before = len(terminal.output)
        terminal.send(b"j")
        terminal.read_until(lambda: len(terminal.output) > before, "the next row")
        wait_for_silence(terminal)
        assert len(terminal.output) - before < KEY_BYTES


def test_a_visited_mode_is_shown_in_one_frame(home: Home) -> None:
    with open_mode(home, "flattrs") as terminal:
        terminal.send(SYNC_SUPPORTED)
        wait_for_silence(terminal)
        before = len(terminal.output)
        terminal.press(b"1", MODE_TEXTS["profile"])
        wait_for_silence(terminal)
        assert terminal.output[before:].count(SYNC_BEGIN) == 1
