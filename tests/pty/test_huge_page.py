"""Tests of an API page of a million items: memory stays bounded, the list shows, the app quits quickly."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flattr_tui.model.response_body_parser import MAX_ITEMS
from flattr_tui.sandbox.asgi_app import create_app
from flattr_tui.sandbox.fault_injection import FOREVER, Fault, Faults
from flattr_tui.sandbox.server import serving
from flattr_tui.sandbox.world import World
from tests.pty.conftest import Launch
from tests.pty.terminal import Terminal

MEMORY = 150.0
"""Maximum memory that the program may use, in megabytes."""
QUIT_SECONDS = 1.5
"""Maximum seconds for quitting, far less than it takes to store the page. The aim is 0.3 s on an idle machine."""


@pytest.fixture(scope="module")
def flood(world: World) -> Iterator[str]:
    """The address of a server that sends a million things on one page."""
    page = b"[" + b",".join(b'{"id":%d}' % number for number in range(1_000_000)) + b"]"
    faults = Faults([Fault.fail(200, page, path="/rest/v2/users/ada/things", times=FOREVER)])
    with serving(create_app(world, faults=faults, rate_limit=0)) as root:
        yield f"{root}/rest/v2"


def peak_memory(terminal: Terminal) -> float:
    """Return the program's peak memory so far, in megabytes."""
    status = Path(f"/proc/{terminal.process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmHWM"))


def assert_quits_quickly(terminal: Terminal) -> None:
    terminal.send(b"q")
    began = time.monotonic()
    assert terminal.wait() == 0
    assert time.monotonic() - began < QUIT_SECONDS


def test_a_page_of_a_million_items(launch: Launch, flood: str) -> None:
    first = launch("--source", flood, "--user", "ada")
    first.wait_for_text("Most supported")
    first.press(b"2", "more items")
    assert peak_memory(first) < MEMORY
    assert_quits_quickly(first)  # while the page is being stored in the catalogue

    other = launch("--source", "sandbox", "--user", "ada")
    other.wait_for_text("19 things")  # it opens in the mode in which the first one was quit
    assert_quits_quickly(other)

    again = launch("--source", flood, "--user", "ada")
    again.wait_for_text("more items")
    again.wait_for_text(f"{MAX_ITEMS:,} saved")
    assert peak_memory(again) < MEMORY
    assert_quits_quickly(again)
