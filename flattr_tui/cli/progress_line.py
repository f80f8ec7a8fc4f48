"""Shows progress on one line of stderr, at a terminal only."""

import sys
import time
from types import TracebackType
from typing import Final, Self

import click

from flattr_tui.cli.errors import is_quiet
from flattr_tui.model.sanitizer import single_line

INTERVAL: Final = 0.1
"""Seconds between two updates."""


class ProgressLine:
    """A line on stderr that is shown while the context is open and removed afterwards."""

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

    def __call__(self, action: str, done: int, of: int | None = None) -> None:
        """Show the current action, and how much of it is done."""
        self.show(f"{action}: {done:,}{f' of {of:,}' if of else ''}")

    def show(self, text: str) -> None:
        """Replace the text of the line."""
        now = time.monotonic()
        if not self._quiet and now >= self._next:
            self._next = now + INTERVAL
            self._write(single_line(text)[:78])

    def clear(self) -> None:
        """Remove the line, so that something else can be written."""
        self._write("")

    def _write(self, text: str) -> None:
        if text or self._shown:
            click.echo(f"\r{text.ljust(self._shown)}{'' if text else chr(13)}", err=True, nl=False)
        self._shown = len(text)
