"""Textual drivers for terminals that can show only few characters, and a driver whose input thread ends at once."""

import os
import re
import selectors
import sys
import threading
from functools import lru_cache
from types import SimpleNamespace
from typing import Final

from rich.cells import cell_len
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from flattr_tui.model.lazy_pattern import lazy_pattern
from flattr_tui.ui.locale_characters import GLYPHS, closest_text

UNKNOWN: Final = lazy_pattern(r"\x1b\[(?:\?[0-9]+\$p|[<>][0-9]*u)")
"""Matches the control sequences whose ends old Linux kernels print: queries of modes, and kitty's keyboard protocol."""
CLEAR: Final = "\x1b[2J\x1b[H"


def for_linux_console(driver: type[Driver]) -> type[Driver]:
    """Return a subclass of `driver` for the Linux console (`TERM=linux`), the text mode without a desktop.

    The console has 16 colours, a font of 256 or 512 glyphs, and no alternate screen. So this driver writes only glyphs
    of that font, and clears the screen when the app ends. It leaves out queries, because old kernels print their ends.
    Sources: console_codes(4); for the font, drivers/tty/vt/cp437.uni in the kernel.
    """

    class ConsoleDriver(driver):  # type: ignore[misc, valid-type]
        def write(self, data: str) -> None:
            super().write(UNKNOWN.sub("", data).translate(GLYPHS))

        def stop_application_mode(self) -> None:
            super().stop_application_mode()
            self.write(CLEAR)
            self.flush()

    return ConsoleDriver


def for_encoding(driver: type[Driver], encoding: str) -> type[Driver]:
    """Return a subclass of `driver` that writes only characters of `encoding`, such as ASCII or Latin-1.

    Any other character is replaced by a similar text of the same width.
    """

    @lru_cache(maxsize=4096)
    def replace(text: str) -> str:
        fitting = "".join(closest_text(character, encoding) for character in text)
        width = cell_len(text)
        return fitting[:width].ljust(width)

    class EncodedDriver(driver):  # type: ignore[misc, valid-type]
        def write(self, data: str) -> None:
            super().write(re.sub(r"[^\x00-\x7f]+", lambda found: replace(found[0]), data))

    return EncodedDriver


class _WakePipe(threading.local):
    """Contains the read end of a pipe for each thread, as a file descriptor; None for threads without a pipe.

    When the other end of the pipe is closed, selectors of the thread stop waiting.
    """

    descriptor: int | None = None


_waker = _WakePipe()


class _WakingSelector(selectors.SelectSelector):
    """A selector that also stops waiting when the pipe of its thread is closed at the other end."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if _waker.descriptor is None:
            return super().select(timeout)
        if _waker.descriptor not in self.get_map():
            self.register(_waker.descriptor, selectors.EVENT_READ)
        return [(key, mask) for key, mask in super().select(timeout) if key.fd != _waker.descriptor]


def ending_at_once(driver: type[Driver]) -> type[Driver]:
    """Return a subclass of `driver` whose input thread ends at once when the program quits or leaves the terminal.

    Textual's input thread checks every 0.1 s whether to stop, and then waits for 0.1 s more. If a new version of
    Textual's driver no longer imports the module `selectors`, that delay remains.
    """
    module = sys.modules[LinuxDriver.__module__]
    if hasattr(module, "selectors"):
        vars(module)["selectors"] = SimpleNamespace(**{**vars(selectors), "SelectSelector": _WakingSelector})

    class PromptDriver(driver):  # type: ignore[misc, valid-type]
        _wake: int | None = None

        def run_input_thread(self) -> None:
            _waker.descriptor, self._wake = os.pipe()
            try:
                super().run_input_thread()
            finally:
                os.close(_waker.descriptor)

        def disable_input(self) -> None:
            wake, self._wake = self._wake, None
            if wake is not None:
                os.close(wake)  # the other end becomes readable
            super().disable_input()

    return PromptDriver
