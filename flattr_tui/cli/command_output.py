"""What commands print for people: progress on one line of stderr, tables and dates."""

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
"""Minimum time in seconds between two updates of the progress line."""
NOTHING: Final = "-"
"""What tables show in place of a missing account or date."""


class ProgressLine:
    """A context manager that shows the progress of a command on a line of stderr, and removes the line at the end.

    With --quiet, or if stderr is not a terminal, nothing is shown.
    """

    def __init__(self) -> None:
        self._shown = 0
        self._next = 0.0
        self._quiet = not sys.stderr.isatty() or is_quiet()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write("")

    def __call__(self, action: str, done: int, total: int | None = None) -> None:
        """Show an action and how far it is: `packing: 12 of 200`. With `total` None, no total is shown."""
        self.show(f"{action}: {done:,}{f' of {total:,}' if total else ''}")

    def show(self, text: str) -> None:
        """Replace the text of the progress line. Calls within 0.1 s after an update are ignored."""
        now = time.monotonic()
        if not self._quiet and now >= self._next:
            self._next = now + INTERVAL
            self._write(single_line(text)[:78])

    def clear(self) -> None:
        """Remove the progress line, so that something else can be written to the terminal."""
        self._write("")

    def _write(self, text: str) -> None:
        if text or self._shown:
            click.echo(f"\r{text.ljust(self._shown)}{'' if text else chr(13)}", err=True, nl=False)
        self._shown = len(text)


def catch_up(catalogue: "Catalogue") -> None:
    """Add to the catalogue the saved responses that it does not contain yet, and show the progress."""
    if catalogue.count_pending():
        with ProgressLine() as progress_line:
            catalogue.ingestor.catch_up(partial(progress_line, "adding to the catalogue"))


def format_columns(titles: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 2) -> Iterator[str]:
    """Yield the lines of a table with aligned columns. The first line contains the `titles` of the columns.

    The first `text_columns` columns are aligned to the left, and the others, which contain numbers, to the right.
    """
    cells = [tuple(map(single_line, row)) for row in (titles, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        parts = (
            cell.rjust(width) if place >= text_columns else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(parts).rstrip()


def format_date(moment: float | None) -> str:
    """Return a time in Unix seconds as a date in this machine's time zone: `2018-01-03`. None becomes `-`."""
    return NOTHING if moment is None else f"{datetime.fromtimestamp(moment, LocalZone()):%Y-%m-%d}"
