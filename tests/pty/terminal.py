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

from tests.pty.screen import Screen

DEADLINE = 20.0
"""Seconds until a condition has to be true: long, since it only ends what hangs."""
ENDED = 0.02
"""Seconds after which a silent program is asked whether it has ended."""
LAUNCHER = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.write(1, b'\\x1b[m');"
    " os.execv(sys.argv[1], sys.argv[1:])"
)
"""Makes the pseudo-terminal the program's controlling one, as a terminal emulator does, and tells when it is ready."""
SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    rb"|\x1bP[^\x1b]*\x1b\\"  # DCS
    rb"|\x1b[ -/]*[0-Z\\^-~]"  # the short ones
)
"""A control sequence (ECMA-48)."""
ENTER, ESCAPE, DOWN, INTERRUPT, SUSPEND = b"\r", b"\x1b", b"\x1b[B", b"\x03", b"\x1a"
PALETTE, CONTROL_Q = b"\x10", b"\x11"


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
        self._screen, self._fed = Screen(*size), 0
        self.began = 0.0
        """When the launcher gave way to the program (`time.perf_counter`)."""
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
        """What all that came left to be seen."""
        self._screen.feed(self.output[self._fed :])
        self._fed = len(self.output)
        return self._screen

    @property
    def text(self) -> str:
        """What was written apart from control sequences."""
        return SEQUENCE.sub(b"", self.output).decode(errors="backslashreplace")

    @property
    def attributes(self) -> list[Any]:
        """How the terminal is set now (`termios.tcgetattr`)."""
        return termios.tcgetattr(self._slave)

    def resize(self, width: int, height: int) -> None:
        """Be another size, as when a person drags a corner of the window."""
        self._screen.feed(self.output[self._fed :])
        self._fed = len(self.output)
        self._screen.resize(width, height)
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def send(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def press(self, keys: bytes, *texts: str) -> None:
        """Press keys, and read until texts are on the screen: such as were not there before."""
        self.send(keys)
        self.shows(*texts)

    def shows(self, *texts: str) -> None:
        """Read until texts are on the screen, all at once."""
        self.read(lambda: all(text in self.screen.text for text in texts), " and ".join(map(repr, texts)))

    def loses(self, text: str) -> None:
        """Read until a text is no longer on the screen."""
        self.read(lambda: text not in self.screen.text, f"an end of {text!r}")

    def read(self, until: Callable[[], bool], what: str = "a condition") -> None:
        """Read until a condition is true."""
        end = time.monotonic() + DEADLINE
        while not until():
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{what} did not come within {DEADLINE:g} s:\n{self.screen.text}")
            if self.take(min(ENDED, left)):
                continue
            if self.process.poll() is not None and not self.take(0) and not until():
                raise AssertionError(f"it ended ({self.process.returncode}) before {what} came:\n{self.screen.text}")

    def read_for(self, seconds: float) -> None:
        """Read what comes in the next seconds."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.take(left)

    def wait(self) -> int:
        """Read until the program has ended, and return its exit code."""
        self.read(lambda: self.process.poll() is not None, "the end")
        while self.take(0):
            pass
        return self.process.wait()

    def take(self, seconds: float) -> bool:
        """Read what is there, or what comes first within so many seconds; False where nothing came."""
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        if not self.output:
            self.began = time.perf_counter()
        self.output += os.read(self._master, 65_536)
        return True


SWITCHES = (
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
"""What a program switches on, and how it is switched off."""


def switched_on(output: bytes) -> list[str]:
    """Say what is switched on after some output."""
    last = ((name, on, re.findall(b"%b|%b" % (on, off), output)[-1:]) for name, on, off in SWITCHES)
    return [name for name, on, found in last if found and re.fullmatch(on, found[0])]


def is_whole(terminal: Terminal) -> list[str]:
    """Say what a program that is over has left behind of its screen; nothing where the terminal is whole again."""
    wrong = [] if terminal.attributes == terminal.before else ["the terminal's modes"]
    if b"\x1b[?1049h" not in terminal.output:
        wrong.append("no screen was ever taken")
    return [*wrong, *switched_on(terminal.output)]
