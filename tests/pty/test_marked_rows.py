"""Tests that a range of rows, and all matches of a filter, can be marked on a terminal."""

from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q, ENTER


def test_a_range_and_all_that_match_are_marked(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported")
    terminal.press(b"3", "Flattrs of ada", "▸")
    terminal.press(b"Vjj", "3 marked")
    terminal.press(b"V/2012", "of 411 saved")
    terminal.press(ENTER, "enter open")
    terminal.press(b"*", "✓", "137 marked")
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0
