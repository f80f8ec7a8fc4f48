"""Tests of what somebody does on the first evening with the program, as scripts of keys on a terminal."""

import re

import pytest

from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q, ENTER, ESCAPE, INTERRUPT, Terminal

CONTROL_P = b"\x10"
TAB = b"\t"


@pytest.fixture
def terminal(launch: Launch) -> Terminal:
    """The app with a user's profile, at 80×24."""
    return start(launch, "Most supported")


def start(launch: Launch, *texts: str, **variables: str) -> Terminal:
    terminal = launch("--user", "ada", **variables)
    terminal.resize(80, 24)
    terminal.wait_for_text("ada", *texts)
    return terminal


def quit_program(terminal: Terminal) -> None:
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0


def test_the_row_under_the_cursor_stays_in_sight(terminal: Terminal) -> None:
    for key in (b"j", b"j", b"j", b"j", b"j", b"G", b"k", b"g"):
        terminal.press(key, "▸")
    terminal.press(b"G", "▸", "30 activities")


def test_a_form_that_was_left_is_there_the_next_day(launch: Launch, terminal: Terminal) -> None:
    terminal.press(b"n", "Add a thing to Flattr")
    terminal.press(b"https://example.org/a" + TAB + b"Half a title", "Half a title")
    terminal.press(ESCAPE, "What you typed has not been sent.", "Close and keep the draft")
    terminal.send(ENTER)
    terminal.wait_until_gone("Add a thing to Flattr")
    quit_program(terminal)
    again = start(launch, "Most supported")
    again.press(b"n", "https://example.org/a", "Half a title", "This is your unsent draft.")


def test_half_a_name_is_completed_and_can_be_taken_as_it_is(terminal: Terminal) -> None:
    terminal.wait_for_text("all 411", "imogen61")
    terminal.press(b"u", "Go to which user?")
    terminal.press(b"imogen6", "▸ imogen61", "Go to “imogen6”")
    terminal.press(ENTER, "imogen61", "Flattrs by month")


def test_lines_that_are_pasted_are_joined(terminal: Terminal) -> None:
    terminal.press(b"3", "Flattrs of ada", "▸")
    terminal.press(b"/", "filter saved rows")
    terminal.press(b"\x1b[200~\nslow\nprivacy\n\x1b[201~", "slow privacy", "of 411 saved")


def test_a_small_drag_copies_nothing_and_y_an_address(terminal: Terminal) -> None:
    terminal.press(b"3", "Flattrs of ada", "▸")
    for event in ("<0;10;9M", "<32;14;9M", "<32;18;9M", "<0;18;9m"):
        terminal.send(b"\x1b[" + event.encode())
    terminal.press(INTERRUPT, "ctrl+c again")
    assert b"\x1b]52;" not in terminal.output
    terminal.press(b"y", "Sent to the terminal's clipboard.", "https://")
    assert re.search(rb"\x1b\]52;c;[\w+/=]+", terminal.output)
    terminal.press(ESCAPE, "Flattrs of ada")


def test_the_months_of_the_review_open(terminal: Terminal) -> None:
    terminal.press(b"6", "Saved flattrs of ada", "Oct 2017 · 1 flattr")
    terminal.press(ENTER, "Flattrs", "▸ 30 Oct 2017")
    terminal.press(b"\x7f", "Saved flattrs of ada")
    terminal.press(b"hh", " · 0 flattrs ▲")


def test_what_was_chosen_is_kept(launch: Launch, terminal: Terminal) -> None:
    terminal.press(CONTROL_P, "Go to user")
    terminal.press(b"theme: flattr-light", "Theme: flattr-light")
    terminal.send(ENTER)
    terminal.wait_until_gone("Colours of the program")
    terminal.press(b"2", "Things of ada")
    terminal.press(b"s", "↓")
    ordered = terminal.text.splitlines()[3:8]
    quit_program(terminal)
    again = start(launch, "Things of ada", "↓")
    assert again.text.splitlines()[3:8] == ordered
    assert b"48;2;251;250;246m" in again.output  # the light theme's background


def test_signs_say_what_happened_and_words_why_a_key_is_not_allowed(terminal: Terminal) -> None:
    terminal.press(b"4", "Activities of ada", "♥ flattred", "▸ ♥  30 Oct 2017")
    terminal.press(b"3", "Flattrs of ada", "▸")
    terminal.press(b"D", "You can delete only your own things.", "Press L to log in.")


def test_the_line_for_newcomers_goes_for_good(launch: Launch, terminal: Terminal) -> None:
    terminal.wait_for_text("This is a sandbox with invented people and things.")
    terminal.send(ESCAPE)
    terminal.wait_until_gone("This is a sandbox")
    quit_program(terminal)
    assert "This is a sandbox" not in start(launch, "Most supported").text
