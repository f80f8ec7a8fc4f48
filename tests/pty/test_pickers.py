"""Tests that a language can be chosen by its first letters on a terminal."""

from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q, ENTER, ESCAPE


def test_letters_jump_and_enter_takes(launch: Launch) -> None:
    terminal = launch("--user", "ada")
    terminal.wait_for_text("Most supported")
    terminal.press(b"5", "Fill in any field")
    terminal.press(ESCAPE, "c category")
    terminal.press(b"lger" + ENTER, "[German ×]")
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0
