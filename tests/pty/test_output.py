"""Tests of the bytes written to the terminal: none while nothing changes, and few for a key that changes little."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import pytest

from flattr_tui.ui.modes import MODES
from tests.benchmarks.homes import Home, make_saved_home
from tests.pty.terminal import Terminal

IDLE_SECONDS = 3.0
QUIET_SECONDS = 1.5
"""The app counts as idle after this many seconds without output. On a busy machine, output comes late."""
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
"""For each mode, a text that is on screen when its page is ready."""


@pytest.fixture(scope="module")
def home() -> Home:
    """A home folder in which all of ada's data is saved, so that no response changes the screen."""
    return make_saved_home().home


@contextmanager
def open_mode(home: Home, mode: str) -> Iterator[Terminal]:
    """Run the app offline, go to a mode, and yield the terminal."""
    with home.program("--offline", "--user", "ada") as terminal:
        terminal.wait_for_text(MODE_TEXTS["profile"])
        terminal.press(next(known.key for known in MODES if known.id == mode).encode(), MODE_TEXTS[mode])
        yield terminal


def wait_for_silence(terminal: Terminal) -> None:
    while terminal.read_some(QUIET_SECONDS):
        pass


def list_writers(terminals: Mapping[str, Terminal], seconds: float) -> list[str]:
    """Wait up to `seconds` for output of the first terminal. Returns the modes that wrote since the last call."""
    first = next(iter(terminals))
    return [mode for mode, terminal in terminals.items() if terminal.read_some(seconds if mode == first else 0)]


def test_nothing_is_written_while_idle_and_few_bytes_for_a_step_down(home: Home) -> None:
    """A program in each mode: all of them are idle at the same time."""
    with ExitStack() as programs:
        terminals = {mode: programs.enter_context(open_mode(home, mode)) for mode in MODE_TEXTS}
        while list_writers(terminals, QUIET_SECONDS):
            pass
        assert list_writers(terminals, IDLE_SECONDS) == []
        for mode in ("profile", "things", "flattrs", "activities"):
            assert count_step_bytes(terminals[mode]) < KEY_BYTES, mode


def count_step_bytes(terminal: Terminal) -> int:
    """Press j, and return how many bytes the program writes."""
    before = len(terminal.output)
    terminal.send(b"j")
    terminal.read_until(lambda: len(terminal.output) > before, "the next row")
    wait_for_silence(terminal)
    return len(terminal.output) - before


def test_a_visited_mode_is_shown_in_one_frame(home: Home) -> None:
    with open_mode(home, "flattrs") as terminal:
        wait_for_silence(terminal)
        terminal.send(SYNC_SUPPORTED)
        wait_for_silence(terminal)
        before = len(terminal.output)
        terminal.press(b"1", MODE_TEXTS["profile"])
        wait_for_silence(terminal)
        assert terminal.output[before:].count(SYNC_BEGIN) == 1
