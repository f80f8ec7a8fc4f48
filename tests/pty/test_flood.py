"""A page of a million items: bounded memory, a list, a quick end, and no wait for it over another source."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flattr_tui.model.size_limit import MAX_ITEMS
from flattr_tui.sandbox.app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.serve import serving
from flattr_tui.sandbox.world import World
from tests.pty.conftest import Launch
from tests.pty.terminal import Terminal

MEMORY = 150.0
"""Megabytes that the program may take at most."""
QUIT_SECONDS = 1.5
"""Far less than the page takes; promised are 0.3, on a quiet machine."""


@pytest.fixture(scope="module")
def flood(world: World) -> Iterator[str]:
    """The address of a server that sends a million things at once."""
    page = b"[" + b",".join(b'{"id":%d}' % number for number in range(1_000_000)) + b"]"
    faults = Faults([Fault.fail(200, page, path="/rest/v2/users/ada/things", times=FOREVER)])
    with serving(create_app(world, faults=faults, rate_limit=0)) as root:
        yield f"{root}/rest/v2"


def peak(terminal: Terminal) -> float:
    """Return the most memory that the program took so far, in megabytes."""
    status = Path(f"/proc/{terminal.process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM"))


def quits(terminal: Terminal) -> None:
    terminal.send(b"q")
    began = time.monotonic()
    assert terminal.wait() == 0
    assert time.monotonic() - began < QUIT_SECONDS


def test_a_page_of_a_million_items(launch: Launch, flood: str) -> None:
    first = launch("--source", flood, "--user", "ada")
    first.shows("Most supported")
    first.press(b"2", "more items")
    assert peak(first) < MEMORY
    quits(first)  # while the page is taken into the catalogue

    other = launch("--source", "sandbox", "--user", "ada")
    other.shows("19 things")  # it opens where the first was left
    quits(other)

    again = launch("--source", flood, "--user", "ada")
    again.shows("more items")
    again.shows(f"{MAX_ITEMS:,} saved")
    assert peak(again) < MEMORY
    quits(again)
