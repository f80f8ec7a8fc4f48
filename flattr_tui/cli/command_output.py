"""Shows progress on one line of stderr, at a terminal only, and formats tables, sizes and dates for people."""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, Self

import click

from flattr_tui.cli.errors import is_quiet
from flattr_tui.cli.local_timezone import LocalZone
from flattr_tui.model.text_sanitizer import single_line

if TYPE_CHECKING:
    from flattr_tui.store.catalogue import Catalogue

INTERVAL: Final = 0.1
"""Seconds between two updates."""
NOTHING: Final = "-"
"""The sign for a missing account or time."""


class ProgressLine:
    """A line on stderr that is shown during the context and then removed.

    Nothing is shown with --quiet, or if stderr is not a terminal.
    """

    def __init__(self) -> None:
        self._shown = 0
        self._next = 0.0
        self._quiet = not sys.stderr.isatty() or is_quiet()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def __call__(self, action: str, done: int, of: int | None = None) -> None:
        """Show an action, such as `packing`, with the number of items done and their total (None: unknown)."""
        self.show(f"{action}: {done:,}{f' of {of:,}' if of else ''}")

    def show(self, text: str) -> None:
        """Replace the text of the line, at most every 0.1 s. Calls in between are ignored."""
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


def catch_up(catalogue: "Catalogue") -> None:
    """Ingest the saved responses that the catalogue lacks, and show the progress."""
    if catalogue.count_pending():
        with ProgressLine() as working:
            catalogue.ingestor.catch_up(partial(working, "adding to the catalogue"))


def format_columns(head: Sequence[str], rows: Sequence[Sequence[str]], *, words: int = 2) -> Iterator[str]:
    """Yield lines with aligned columns, the first line with the `head`.

    The first `words` columns are aligned to the left, the others to the right.
    """
    cells = [tuple(map(single_line, row)) for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        parts = (
            cell.rjust(width) if place >= words else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(parts).rstrip()


def format_date(moment: float | None) -> str:
    """Return Unix seconds as a date in this machine's time zone: `2018-01-03`; None as `-`."""
    return NOTHING if moment is None else f"{datetime.fromtimestamp(moment, LocalZone()):%Y-%m-%d}"
