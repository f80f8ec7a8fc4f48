"""Tests that `o` gives the terminal to a text browser, and that the app is unchanged when the browser ends."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.pty.conftest import Launch
from tests.pty.terminal import INTERRUPT, Terminal, list_active_modes, list_leftovers

BROWSER = """#!/bin/sh
trap ': > "$0.interrupted"' INT
echo $$ > "$0.pid"
stty -a > "$0.stty"
echo "reading $1"
until read line; do :; done # a shell's read may end by a signal
echo "$line" > "$0.line"
"""
ADDRESS = "reading https://ada.example/software/428434"


@pytest.fixture(params=["w3m", "elinks"])
def browser(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A script in place of a text browser: prints the address, logs its terminal settings, and reads a line."""
    file = tmp_path / str(request.param)
    file.write_text(BROWSER)
    file.chmod(0o700)
    return file


@pytest.fixture
def terminal(launch: Launch, browser: Path) -> Terminal:
    """The app with a thing under the cursor, and the script as its browser."""
    terminal = launch("--user", "ada", BROWSER=browser.name, PATH=f"{browser.parent}:{os.environ['PATH']}")
    terminal.wait_for_text("Profile", "Ada")
    terminal.press(b"2", "Things of ada", "▸ 6 Feb 2015")
    return terminal


def test_the_browser_gets_the_terminal_and_the_app_comes_back(terminal: Terminal, browser: Path) -> None:
    on, modes = list_active_modes(terminal.output), terminal.attributes
    terminal.press(b"o", ADDRESS)
    assert list_active_modes(terminal.output) == []
    assert terminal.attributes == terminal.before
    assert " echo " in browser.with_suffix(".stty").read_text()
    terminal.press(b"2jq\r", "Things of ada", "▸ 6 Feb 2015", "? help")
    assert browser.with_suffix(".line").read_text() == "2jq\n"
    assert list_active_modes(terminal.output) == on
    assert terminal.attributes == modes
    terminal.press(b"j", "▸ 25 Jan 2015")
    terminal.send(b"q")
    assert terminal.wait() == 0
    assert list_leftovers(terminal) == []


@pytest.mark.parametrize("browser", ["w3m"], indirect=True)
def test_ctrl_c_is_the_browsers_own(terminal: Terminal, browser: Path) -> None:
    terminal.press(b"o", ADDRESS)
    terminal.send(INTERRUPT)
    terminal.read_until(browser.with_suffix(".interrupted").exists, "the interrupt")
    terminal.press(b"\r", "Things of ada", "▸ 6 Feb 2015")
    terminal.send(b"q")
    assert terminal.wait() == 0


@pytest.mark.parametrize(
    ("browser", "number"), [("w3m", signal.SIGTERM), ("elinks", signal.SIGHUP)], indirect=["browser"]
)
def test_a_signal_ends_both_at_once(terminal: Terminal, browser: Path, number: signal.Signals) -> None:
    terminal.press(b"o", ADDRESS)
    child = int(browser.with_suffix(".pid").read_text())
    began = time.monotonic()
    terminal.process.send_signal(number)
    assert terminal.wait() == 128 + number
    assert time.monotonic() - began < 3
    assert list_leftovers(terminal) == []
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
