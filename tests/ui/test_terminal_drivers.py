"""Tests that the thread that reads keys ends as soon as the program quits or leaves the terminal."""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from textual.drivers import linux_driver

from flattr_tui.ui.terminal_drivers import ending_at_once

FOREVER = 600.0
"""A time in seconds that a test takes only if the thread is not woken."""


class IdleDriver:
    """A driver whose thread waits for keys as Textual's does, but much longer. It counts the keys that it has read."""

    def __init__(self, terminal: int) -> None:
        self._terminal = terminal
        self.has_read = threading.Event()
        self.keys = 0

    def run_input_thread(self) -> None:
        module: Any = linux_driver
        selector = module.selectors.SelectSelector()
        selector.register(self._terminal, module.selectors.EVENT_READ)
        while selector.select(FOREVER):
            self.keys += len(os.read(self._terminal, 10))
            self.has_read.set()

    def disable_input(self) -> None: ...


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_the_thread_that_reads_keys_is_woken(monkeypatch: pytest.MonkeyPatch, pipe: tuple[int, int]) -> None:
    monkeypatch.setattr(linux_driver, "selectors", vars(linux_driver)["selectors"])  # restored after the test
    idle: Any = IdleDriver
    driver: Any = ending_at_once(idle)
    running = driver(pipe[0])
    thread = threading.Thread(target=running.run_input_thread, daemon=True)
    thread.start()
    os.write(pipe[1], b"j")
    assert running.has_read.wait(20)
    running.disable_input()
    thread.join(20)
    assert not thread.is_alive()
    assert running.keys == 1
