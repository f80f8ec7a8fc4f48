"""Tells on stderr how far long work has come: one line that is written over, at a terminal only."""

import sys
import time
from types import TracebackType
from typing import Final, Self

import click

from flattr_tui.cli.errors import is_quiet
from flattr_tui.model.sanitizer import single_line

EVERY: Final = 0.1
"""Seconds between two writings of the line."""


class Working:
    """The line, for as long as the context is open; afterwards it is gone."""

    def __init__(self) -> None:
        self._shown = 0
        self._next = 0.0
        self._quiet = not sys.stderr.isatty() or is_quiet()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write("")

    def __call__(self, what: str, done: int, of: int | None = None) -> None:
        """Say what is being done, and how much of it is."""
        self.show(f"{what}: {done:,}{f' of {of:,}' if of else ''}")

    def show(self, text: str) -> None:
        """Write the line over."""
        now = time.monotonic()
        if not self._quiet and now >= self._next:
            self._next = now + EVERY
            self._write(single_line(text)[:78])

    def clear(self) -> None:
        """Take the line away, for something else that is written."""
        self._write("")

    def _write(self, text: str) -> None:
        if text or self._shown:
            click.echo(f"\r{text.ljust(self._shown)}{'' if text else chr(13)}", err=True, nl=False)
        self._shown = len(text)
