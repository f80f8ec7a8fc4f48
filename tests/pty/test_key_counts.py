"""Tests that common tasks take few keys: the keys of each task are pressed on a terminal, and counted."""

import pytest

from tests.pty.conftest import Launch
from tests.pty.terminal import ENTER, ESCAPE, Terminal

TAB, CONTROL_S = b"\t", b"\x13"


class Typist:
    """Presses keys one by one, and fails after more than `most` keys."""

    def __init__(self, terminal: Terminal, most: int) -> None:
        self.terminal = terminal
        self.left = most

    def press(self, keys: bytes, *texts: str) -> None:
        """Press keys, of which each is one byte, and wait until all `texts` are on the screen."""
        self.left -= len(keys)
        assert self.left >= 0, "too many keys"
        for key in keys:
            self.terminal.send(bytes([key]))
        self.terminal.wait_for_text(*texts)


@pytest.fixture
def terminal(launch: Launch) -> Terminal:
    """The app with a user's profile."""
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported", "411")
    return terminal


def test_the_most_flattred_thing_of_a_year_takes_twelve(terminal: Terminal) -> None:
    typist = Typist(terminal, 12)
    typist.press(b"3", "Flattrs of ada", "▸")
    typist.press(b"/2012", "134 of 411 saved")
    typist.press(ENTER + b"ssss", "by flattrs ↓", "▸ 12 Mar 2012  Notatki o wolnej kulturze 16      gazette")


def test_german_software_tagged_audio_but_not_beta_takes_thirty(terminal: Terminal) -> None:
    typist = Typist(terminal, 30)
    typist.press(b"5", "Fill in any field")
    typist.press(TAB + b"audio!beta", "audio!beta", "found in saved data")
    typist.press(ESCAPE, "s sort")
    typist.press(b"c", "[ ] Text")
    typist.press(b"so" + ENTER, "[Software ×]")
    typist.press(b"l", "[ ] English")
    typist.press(b"ger" + ENTER, "[German ×]", "6 found · live", "Übers Brotbacken, Teil 22")


def test_everything_of_a_user_is_saved_and_read_offline_with_ten(terminal: Terminal, launch: Launch) -> None:
    typist = Typist(terminal, 10)
    typist.press(CONTROL_S, "Fetch whole lists for offline use")
    typist.press(ENTER, "The sync is done.")
    typist.press(b"q")
    assert terminal.wait() == 0
    typist.terminal = launch("--user", "ada", "--offline")
    typist.terminal.wait_for_text("Most supported", "411")
    typist.press(b"3", "411 flattrs", "▸")
    typist.press(b"G", "— 411 flattrs —")


def test_what_is_new_since_the_last_sync_takes_three(terminal: Terminal) -> None:
    Typist(terminal, 3).press(b"C", "Changes")
