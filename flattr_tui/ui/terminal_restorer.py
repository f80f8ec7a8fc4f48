"""Restores the terminal if a signal ends the program before the app handles signals itself."""

import os
import signal
import termios
from types import FrameType, TracebackType
from typing import Final, Self

from textual.driver import Driver

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
    """A context manager: in its block, a signal restores the terminal and ends the process.

    The exit status is 128 plus the signal's number. Once the app is mounted, its own handlers take over. Before that,
    the driver has already changed the terminal, and Python's default would end the process at once (Textual #5140).
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
        """Return a subclass of `driver` that informs this object when it begins to change the terminal."""
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
