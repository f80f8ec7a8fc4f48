"""Textual drivers for terminals with few characters, and a driver whose input thread ends at once.

`TerminalRestorer` restores the terminal if a signal ends the program before the app handles signals itself.
"""

import os
import re
import selectors
import signal
import sys
import termios
import threading
from functools import lru_cache
from types import FrameType, SimpleNamespace, TracebackType
from typing import Final, Self

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
    of that font, and clears the screen when the app ends. It sends no queries, because old kernels print the ends of
    queries.
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
    """A pipe with which other threads can wake the current thread. Each thread has its own `descriptor`.

    When the write end of the pipe is closed, a `_WakingSelector` that is waiting in the thread returns.
    """

    descriptor: int | None = None
    """File descriptor of the pipe's read end; None if the thread has no pipe."""


_waker = _WakePipe()


class _WakingSelector(selectors.SelectSelector):
    """A selector that a pipe can wake: it also returns when the write end of its thread's `_WakePipe` is closed."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if _waker.descriptor is None:
            return super().select(timeout)
        if _waker.descriptor not in self.get_map():
            self.register(_waker.descriptor, selectors.EVENT_READ)
        return [(key, mask) for key, mask in super().select(timeout) if key.fd != _waker.descriptor]


def ending_at_once(driver: type[Driver]) -> type[Driver]:
    """Return a subclass of `driver` whose input thread ends at once when the program quits or leaves the terminal.

    Without this, the thread checks every 0.1 s whether to stop, and then waits for 0.1 s more. To avoid this delay, the
    module `selectors` is replaced in the module of Textual's driver. If a new version of Textual's driver does not
    import `selectors`, the delay remains.
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


SIGNALS: Final = (
    *(signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT),
    *(signal.SIGXCPU, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2),  # the app never handles these
)
SWITCHED_OFF: Final = (
    b"\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"  # paste and mouse reports
    b"\x1b[?2048l\x1b[?1004l\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h"  # size and focus reports, kitty's keys, the screen
)
"""Control sequences that switch off all modes that Textual's driver switches on.

Kitty's keyboard protocol is switched off before the alternate screen is left.
"""


class TerminalRestorer:
    """A context manager: a signal in its block restores the terminal and ends the process.

    The exit status is 128 plus the signal's number. This is for the time from when the driver changes the terminal
    until the app is mounted and handles signals itself. Without this class, a signal in this time would end the
    process, but not restore the terminal (Textual #5140).
    """

    def __init__(self, descriptor: int) -> None:
        """Save the settings of the terminal that is open as this file descriptor."""
        self._descriptor = descriptor
        self._attributes = termios.tcgetattr(descriptor)
        self._is_changed = False

    def __enter__(self) -> Self:
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # `nohup` starts programs with SIGHUP ignored
                signal.signal(number, self._restore_and_exit)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number in SIGNALS:
            if signal.getsignal(number) == self._restore_and_exit:
                signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    def watch(self, driver: type[Driver]) -> type[Driver]:
        """Return a subclass of `driver`. Once it begins to change the terminal, this object restores it on a signal."""
        restorer = self

        class WatchedDriver(driver):  # type: ignore[misc, valid-type]
            def start_application_mode(self) -> None:
                restorer._is_changed = True
                super().start_application_mode()

        return WatchedDriver

    def _restore_and_exit(self, number: int, frame: FrameType | None) -> None:
        if self._is_changed:
            # From now on, output of the driver's thread goes nowhere. A write that has begun ends before ours begins.
            terminal = os.dup(self._descriptor)
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._descriptor)
            os.write(terminal, SWITCHED_OFF)
            termios.tcsetattr(terminal, termios.TCSANOW, self._attributes)
        os._exit(128 + number)
