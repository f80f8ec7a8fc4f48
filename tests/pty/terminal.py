"""Runs a program on a pseudo-terminal: sends it keys, and waits for its output instead of sleeping."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from tests.pty.screen import Screen

DEADLINE = 20.0
"""Seconds within which a condition must become true. The time is long, because it only ends a test that hangs."""
POLL_SECONDS = 0.02
"""Seconds without output after which the test checks whether the program has ended."""
LAUNCHER = (
    "import fcntl, os, sys, termios; from signal import *; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " [signal(number, SIG_DFL) for number in (SIGHUP, SIGINT, SIGQUIT)]; os.write(1, b'\\x1b[m');"
    " os.execv(sys.argv[1], sys.argv[1:])"
)
"""Python code that makes the pseudo-terminal the controlling terminal, writes `ESC[m`, and runs the program.

It sets signals to their default effect, because a shell's background and `nohup` start the tests with some ignored.
"""
SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    rb"|\x1bP[^\x1b]*\x1b\\"  # DCS
    rb"|\x1b[ -/]*[0-Z\\^-~]"  # other sequences of two or three characters
)
"""Matches a control sequence (ECMA-48)."""
ENTER, ESCAPE, DOWN, INTERRUPT, SUSPEND = b"\r", b"\x1b", b"\x1b[B", b"\x03", b"\x1a"
PALETTE, CONTROL_Q = b"\x10", b"\x11"


class Terminal:
    """A context manager that runs a program on a pseudo-terminal of `size` (columns, rows), and kills it at the end."""

    def __init__(
        self, program: Sequence[str], environment: Mapping[str, str], *, size: tuple[int, int] = (120, 40)
    ) -> None:
        self._master, self._slave = os.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(self._slave)
        self.output = b""
        """All bytes that were read so far from the program."""
        self._screen, self._fed = Screen(*size), 0
        self.began = 0.0
        """The time when the launcher started the program, in seconds of `time.perf_counter`."""
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", LAUNCHER, *program],
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env=dict(environment),
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)

    @property
    def screen(self) -> Screen:
        """The screen after all output so far."""
        self._screen.feed(self.output[self._fed :])
        self._fed = len(self.output)
        return self._screen

    @property
    def text(self) -> str:
        """The output without its control sequences."""
        return SEQUENCE.sub(b"", self.output).decode(errors="backslashreplace")

    @property
    def attributes(self) -> list[Any]:
        """The terminal's attributes now (`termios.tcgetattr`)."""
        return termios.tcgetattr(self._slave)

    def resize(self, width: int, height: int) -> None:
        """Change the size of the terminal, as a terminal emulator does when its window is resized."""
        self._screen.feed(self.output[self._fed :])
        self._fed = len(self.output)
        self._screen.resize(width, height)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def send(self, keys: bytes) -> None:
        """Press keys, given as the bytes that the terminal sends for them."""
        os.write(self._master, keys)

    def press(self, keys: bytes, *texts: str) -> None:
        """Press keys, and read until all `texts` are on the screen, which must not have been there before."""
        self.send(keys)
        self.wait_for_text(*texts)

    def wait_for_text(self, *texts: str) -> None:
        """Read until all texts are on the screen at the same time."""
        self.read_until(lambda: all(text in self.screen.text for text in texts), " and ".join(map(repr, texts)))

    def wait_until_gone(self, text: str) -> None:
        """Read until a text has gone from the screen."""
        self.read_until(lambda: text not in self.screen.text, f"an end of {text!r}")

    def read_until(self, until: Callable[[], bool], what: str = "a condition") -> None:
        """Read output until `until` returns True.

        Raises:
            AssertionError: It took longer than `DEADLINE`, or the program ended before. `what` names the condition.
        """
        end = time.monotonic() + DEADLINE
        while not until():
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{what} did not come within {DEADLINE:g} s:\n{self.screen.text}")
            if self.read_some(min(POLL_SECONDS, left)):
                continue
            if self.process.poll() is not None and not self.read_some(0) and not until():
                raise AssertionError(f"it ended ({self.process.returncode}) before {what} came:\n{self.screen.text}")

    def read_for(self, seconds: float) -> None:
        """Read all output that comes within `seconds`."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read_some(left)

    def wait(self) -> int:
        """Read until the program has ended, and return its exit code."""
        self.read_until(lambda: self.process.poll() is not None, "the end")
        while self.read_some(0):
            pass
        return self.process.wait()

    def read_some(self, seconds: float) -> bool:
        """Read the output that is there; if there is none, wait for it up to `seconds`. Returns whether any came."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        if not self.output:
            self.began = time.perf_counter()
        self.output += os.read(self._master, 65_536)
        return True


MODES = (
    ("the alternate screen", rb"\x1b\[\?1049h", rb"\x1b\[\?1049l"),
    ("a hidden cursor", rb"\x1b\[\?25l", rb"\x1b\[\?25h"),
    ("no wrapping of lines", rb"\x1b\[\?7l", rb"\x1b\[\?7h"),
    ("the mouse", rb"\x1b\[\?1000h", rb"\x1b\[\?1000l"),
    ("motion of the mouse", rb"\x1b\[\?1003h", rb"\x1b\[\?1003l"),
    ("an encoding of the mouse", rb"\x1b\[\?1006h", rb"\x1b\[\?1006l"),
    ("bracketed paste", rb"\x1b\[\?2004h", rb"\x1b\[\?2004l"),
    ("reports of the focus", rb"\x1b\[\?1004h", rb"\x1b\[\?1004l"),
    ("reports of the size", rb"\x1b\[\?2048h", rb"\x1b\[\?2048l"),
    ("the keyboard's protocol", rb"\x1b\[>[0-9]+u", rb"\x1b\[<u"),
)
"""Terminal modes: for each its name in messages, the sequence that switches it on, and the one that switches it off."""


def list_active_modes(output: bytes) -> list[str]:
    """Return the names of the terminal modes that are still switched on after all of `output`."""
    last = ((name, on, re.findall(b"%b|%b" % (on, off), output)[-1:]) for name, on, off in MODES)
    return [name for name, on, found in last if found and re.fullmatch(on, found[0])]


def list_leftovers(terminal: Terminal) -> list[str]:
    """Return in words what a program that has ended left changed on its terminal; [] if it restored everything."""
    leftovers = [] if terminal.attributes == terminal.before else ["the terminal's modes"]
    if b"\x1b[?1049h" not in terminal.output:
        leftovers.append("no screen was ever taken")
    return [*leftovers, *list_active_modes(terminal.output)]
