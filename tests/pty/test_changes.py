"""Tests of the page of changes on a terminal."""

import subprocess
import sys

from tests.pty.conftest import Launch
from tests.pty.terminal import CONTROL_Q


def test_a_new_flattr_appears_among_the_changes(launch: Launch) -> None:
    login = [sys.executable, "-m", "flattr_tui", "login", "--user", "ada"]
    subprocess.run(login, check=True, capture_output=True)
    terminal = launch()
    terminal.wait_for_text("ada@sandbox", "Most supported")
    terminal.press(b"C", "Nothing has changed since the lists were first saved.")
    terminal.press(b"\x7f3", "My flattrs", "▸")
    terminal.press(b"5fingerprint\r", "found · live")
    terminal.press(b"\x1b", "enter open   ", "f flattr")
    terminal.press(b"f", "enter yes")
    terminal.press(b"\r", "flattred")
    terminal.press(b"3r", "412 flattrs")
    terminal.press(b"C", "Today", "+  flattr", "1 added")
    terminal.send(CONTROL_Q)
    assert terminal.wait() == 0
