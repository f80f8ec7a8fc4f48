"""Tests that keys that arrive in one write act as if they were typed slowly, even if one of them opens a page."""

import random
import string
import subprocess
import sys
import termios

import pytest

from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q, DOWN, ENTER, ESCAPE, PALETTE, Terminal

BACKSPACE, FIND = b"\x7f", b"\x06"


@pytest.fixture
def terminal(launch: Launch) -> Terminal:
    """The program, which shows ada's profile."""
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported", "melodia")
    return terminal


def press_then_quit(terminal: Terminal, keys: bytes, *texts: str) -> None:
    terminal.press(keys, *texts)
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0


def row_of_cursor(terminal: Terminal) -> int:
    """Return the number of the row with the cursor, counted from 0; -1 if no list is shown."""
    lines = terminal.screen.lines
    head = next((y for y, line in enumerate(lines) if line.lstrip().startswith("When ")), 0)
    return next((y - head - 1 for y, line in enumerate(lines) if head and line.startswith("▸")), -1)


def test_keys_typed_before_the_program_has_started(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    assert terminal.attributes[0] & termios.ICRNL, "the program has started already"
    press_then_quit(terminal, b"3" + ENTER, "ada › Flattrs ›")


def test_a_cursor_moves_in_a_place_that_was_just_opened(terminal: Terminal) -> None:
    for keys, heading in ((b"232jj", "Things of ada"), (b"3jjjk", "Flattrs of ada"), (b"4jj", "Activities of ada")):
        terminal.press(keys, heading)
        terminal.read_until(lambda: row_of_cursor(terminal) == 2, "the cursor two rows down")
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0


def test_the_filter_of_a_place_that_was_just_opened(terminal: Terminal) -> None:
    terminal.press(b"3/otter", "Flattrs of ada", "14 of 411 saved", "otter")
    press_then_quit(terminal, ENTER + b"2/\x1b[200~otter\x1b[201~" + ENTER, "Things of ada", "2 of 19 saved")


def test_the_filter_and_a_row(terminal: Terminal) -> None:
    terminal.send(b"3/otter" + ENTER + b"jj" + ENTER)
    terminal.wait_for_text("ada › Flattrs ›")


def test_a_search_with_a_tab_and_a_picker_with_letters(terminal: Terminal) -> None:
    keys = b"5podcsat\x7f\x7f\x7fast\taudio ! beta\tmelodia"
    terminal.press(keys, "query  podcast  ", "tags   audio ! beta\n", "user   melodia ")
    terminal.press(ESCAPE, "c category")
    press_then_quit(terminal, b"cso" + ENTER, "[Software ×]")


def test_a_search_and_a_result(terminal: Terminal) -> None:
    terminal.send(b"5fingerprint" + ENTER + DOWN + b"j" + ENTER)
    terminal.wait_for_text("Search ›")


def test_a_user_and_a_place_and_a_filter(terminal: Terminal) -> None:
    press_then_quit(terminal, b"umelod" + ENTER + b"3/libzettel", "Flattrs of melodia", "libzettel ", "1 of")


def test_help_the_palette_and_find(terminal: Terminal) -> None:
    terminal.press(b"?jj" + BACKSPACE + b"2", "Things of ada")
    terminal.press(PALETTE + b"review" + ENTER, "Saved flattrs of ada")
    press_then_quit(terminal, FIND + b"isobar" + ENTER, "Find ›")


def test_no_letter_is_dropped_or_acts_as_a_command(terminal: Terminal) -> None:
    for opener in (b"u", PALETTE, FIND, b"3/", b"5"):
        letters = "".join(random.Random(opener).choices(string.ascii_lowercase, k=30))
        terminal.press(opener + letters.encode(), letters)
        if opener != b"5":  # there they stay
            terminal.send(ESCAPE)
            terminal.wait_until_gone(letters)
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0


@pytest.mark.parametrize("text", [b"for you", b"flat" + ENTER])
def test_a_text_that_is_pasted_as_keys_flattrs_nothing(launch: Launch, text: bytes) -> None:
    login = [sys.executable, "-m", "flattr_tui", "login", "--user", "ada"]
    subprocess.run(login, check=True, capture_output=True)
    terminal = launch("--user", "melodia")
    terminal.wait_for_text("ada@sandbox", "Most supported")
    terminal.press(b"2", "Things of melodia", "f flattr")
    terminal.press(text, "enter yes · esc no")
    terminal.press(ESCAPE, "enter open")
    terminal.read_until(lambda: "esc no" not in terminal.screen.text, "the closed question")
    terminal.press(b"f", "enter yes · esc no")
    assert "already" not in terminal.screen.text
    terminal.press(ENTER, "flattred")
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0
