"""A real pseudo-terminal with a program on it: keys go in, bytes come out, nothing is slept through."""

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

DEADLINE = 30.0
"""Seconds until a condition has to be true: long, since it only ends what hangs."""
LAUNCHER = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
"""Makes the pseudo-terminal the program's controlling one, as a terminal emulator does."""
SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    rb"|\x1bP[^\x1b]*\x1b\\"  # DCS
    rb"|\x1b[ -/]*[0-Z\\^-~]"  # the short ones
)
"""A control sequence (ECMA-48)."""
ENTER, ESCAPE, INTERRUPT, SUSPEND, DOWN = b"\r", b"\x1b", b"\x03", b"\x1a", b"\x1b[B"


class Terminal:
    """See the module. Use as a context: at its end the program is killed where it has not ended."""

    def __init__(
        self, program: Sequence[str], environment: Mapping[str, str], *, size: tuple[int, int] = (120, 40)
    ) -> None:
        self._master, self._slave = os.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.before = termios.tcgetattr(self._slave)
        self.output = b""
        """All bytes that came."""
        self.began = time.perf_counter()
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
    def text(self) -> str:
        """What was written apart from control sequences."""
        return SEQUENCE.sub(b"", self.output).decode(errors="backslashreplace")

    @property
    def attributes(self) -> list[Any]:
        """How the terminal is set now (`termios.tcgetattr`)."""
        return termios.tcgetattr(self._slave)

    def send(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def press(self, keys: bytes, *, until: str = "") -> None:
        """Press keys, and read until something is written after that, or a text is."""
        start = len(self.output)
        self.send(keys)
        self.read(
            lambda: (
                len(self.output) > start and until in SEQUENCE.sub(b"", self.output[start:]).decode(errors="replace")
            ),
            f"{until!r}",
        )

    def see(self, text: str) -> None:
        """Read until a text appears."""
        self.read(lambda: text in self.text, f"{text!r}")

    def read(self, until: Callable[[], bool], what: str = "a condition") -> None:
        """Read until a condition is true."""
        end = time.monotonic() + DEADLINE
        while not until():
            ready, _, _ = select.select([self._master], [], [], max(0.0, min(0.05, end - time.monotonic())))
            if ready:
                self.output += os.read(self._master, 65_536)
            elif self.process.poll() is not None and not until():
                raise AssertionError(f"it ended ({self.process.returncode}) before {what} was there: {self._tail}")
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come within {DEADLINE:g} s: {self._tail}")

    def wait(self) -> int:
        """Read until the program has ended, and return its exit code."""
        self.read(lambda: self.process.poll() is not None, "the end")
        while select.select([self._master], [], [], 0)[0]:
            self.output += os.read(self._master, 65_536)
        return self.process.wait()

    @property
    def _tail(self) -> str:
        return self.text[-1500:]


def is_whole(terminal: Terminal) -> list[str]:
    """Say what a program that is over has left behind of its screen; nothing where the terminal is whole again."""
    wrong = [] if terminal.attributes == terminal.before else ["the terminal's modes"]
    for name, on, off in (
        ("the alternate screen", rb"\x1b\[\?1049h", rb"\x1b\[\?1049l"),
        ("a hidden cursor", rb"\x1b\[\?25l", rb"\x1b\[\?25h"),
        ("the mouse", rb"\x1b\[\?1000h", rb"\x1b\[\?1000l"),
        ("motion of the mouse", rb"\x1b\[\?1003h", rb"\x1b\[\?1003l"),
        ("bracketed paste", rb"\x1b\[\?2004h", rb"\x1b\[\?2004l"),
        ("reports of the focus", rb"\x1b\[\?1004h", rb"\x1b\[\?1004l"),
        ("the keyboard's protocol", rb"\x1b\[>[0-9]+u", rb"\x1b\[<u"),
    ):
        switched = [m.group() for m in re.finditer(rb"(?:%b|%b)" % (on, off), terminal.output)]
        if switched and re.fullmatch(on, switched[-1]):
            wrong.append(name)
    if b"\x1b[?1049h" not in terminal.output:
        wrong.append("no screen was ever taken")
    return wrong
