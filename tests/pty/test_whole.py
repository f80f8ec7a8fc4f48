"""The terminal is whole again, however the program ends, and the program ends at once."""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.faults import FOREVER, Fault, Faults
from flattr_tui.sandbox.serve import serving
from flattr_tui.sandbox.world import World
from tests.pty.conftest import Launch
from tests.pty.terminal import INTERRUPT, SUSPEND, Terminal, is_whole

FIRST = "Profile"
"""A word of the first screen's frame."""
BROKEN = """
import asyncio
from flattr_tui.cli.assembly import open_library
from flattr_tui.cli.run import make_app
from flattr_tui.settings import Settings
from flattr_tui.ui.app import FlattrApp

async def broken(self):
    raise RuntimeError("a mistake of ours")

FlattrApp.action_quit = broken
app = make_app(open_library(Settings(offline=True)), Settings(offline=True))
app.run()
raise SystemExit(app.return_code)
"""


def started(launch: Launch, *arguments: str) -> Terminal:
    terminal = launch(*(arguments or ("--offline",)))
    terminal.see(FIRST)
    assert terminal.attributes != terminal.before
    return terminal


@pytest.mark.parametrize(("keys", "code"), [(b"q", 0), (b"\x11", 0), (INTERRUPT + INTERRUPT, 0)])
def test_after_keys(launch: Launch, keys: bytes, code: int) -> None:
    terminal = started(launch)
    terminal.send(keys)
    assert terminal.wait() == code
    assert is_whole(terminal) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_after_a_signal(launch: Launch, number: signal.Signals) -> None:
    terminal = started(launch)
    terminal.process.send_signal(number)
    assert terminal.wait() == 128 + number
    assert is_whole(terminal) == []


def test_after_interrupts_by_signal(launch: Launch) -> None:
    terminal = started(launch)
    terminal.process.send_signal(signal.SIGINT)
    terminal.see("quits.")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.wait() == 0
    assert is_whole(terminal) == []


def test_after_a_mistake_of_ours_which_is_shown(launch: Launch) -> None:
    terminal = launch(code=BROKEN)
    terminal.see(FIRST)
    terminal.send(b"q")
    assert terminal.wait() == 1
    assert is_whole(terminal) == []
    assert "a mistake of ours" in terminal.text


@pytest.mark.skipif(not shutil.which("bash"), reason="job control needs a shell: bash")
def test_away_and_back(launch: Launch) -> None:
    shell = launch(program=(shutil.which("bash") or "", "--norc", "--noprofile", "-i"), PS1="ready> ")
    shell.see("ready> ")
    shell.press(f"{sys.executable} -m flattr_tui --offline\r".encode(), until=FIRST)
    shell.press(SUSPEND, until="Stopped")
    shell.press(b"\r", until="ready> ")
    assert is_whole(shell) == ["the terminal's modes"] or is_whole(shell) == []  # the shell's own line editing
    shell.press(b"fg\r", until=FIRST)
    shell.press(b"q", until="ready> ")
    shell.send(b"exit\r")
    shell.wait()
    assert is_whole(shell) == []


def test_it_quits_at_once_with_requests_in_flight(launch: Launch, world: World) -> None:
    faults = Faults([Fault.slow(60, times=FOREVER)])
    with serving(create_app(world, faults=faults)) as root:
        terminal = started(launch, "--source", f"{root}/rest/v2", "--user", "ada")
        terminal.read(lambda: bool(faults.seen), "a request")
        began = time.perf_counter()
        terminal.send(b"q")
        assert terminal.wait() == 0
    # 0.3 s is the aim, measured by the benchmarks; here only that it waits for no request, on however busy a machine.
    assert time.perf_counter() - began < 3
    assert is_whole(terminal) == []


def test_nothing_is_left_running_or_locked(launch: Launch, own_environment: Path) -> None:
    first = started(launch, "--user", "ada")
    first.send(b"q")
    assert first.wait() == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(first.process.pid, 0)
    again = started(launch, "--offline", "--user", "ada")
    again.send(b"q")
    assert again.wait() == 0
    assert "set aside" not in again.text
